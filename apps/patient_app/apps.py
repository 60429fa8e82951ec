from django.apps import AppConfig


class PatientAppConfig(AppConfig):
    name = "apps.patient_app"
