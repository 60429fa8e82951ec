"""Where the patient's clock is: changed by the patient's phone or by staff, and never forgotten."""

from datetime import datetime

from django.db import transaction

from apps.patients.models import Patient, ZoneChange


@transaction.atomic
def move_patient(patient: Patient, *, zone: str, by: str, at: datetime) -> bool:
    """Whether the patient's zone is a new one; every zone there was stays on record, with its beginning."""
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if locked.zone == zone:
        return False
    if not ZoneChange.objects.filter(patient=locked).exists():
        ZoneChange.objects.create(patient=locked, zone=locked.zone, since=locked.created_at, by="enrolment")
    ZoneChange.objects.create(patient=locked, zone=zone, since=at, by=by)
    Patient.objects.filter(pk=patient.pk).update(zone=zone)
    patient.zone = zone
    return True
