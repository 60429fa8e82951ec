"""Routes of the patient's app. The service worker's address is its reach: /app/ and nothing else."""

from django.urls import path

from apps.patient_app.views import index, manifest, service_worker

urlpatterns = [
    path("", index, name="patient-app"),
    path("sw.js", service_worker, name="patient-app-worker"),
    path("manifest.webmanifest", manifest, name="patient-app-manifest"),
]
