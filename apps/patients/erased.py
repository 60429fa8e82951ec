"""What a patient whose identity was erased does not get any more, also not at the moment of the erasure."""

from django.db import connection

from apps.patients.models import PatientIdentity


class Erased(ValueError):
    """Nothing new is written about a patient whose identity was erased; the message is fit for the user."""


def hold_known(patient_id: int, *, so: str) -> None:
    """``hold_out_erasure``; raises Erased where there was one before, and ``so`` says what is not done."""
    hold_out_erasure(patient_id)
    check_known(patient_id, so=so)


def hold_out_erasure(patient_id: int) -> None:
    """Let no erasure in until the transaction ends; others who ask for this need not wait.

    Asked before any row is locked: an erasure locks invitations, phones and the patient after it.
    """
    _lock("pg_advisory_xact_lock_shared", patient_id)


def check_known(patient_id: int, *, so: str) -> None:
    """Raises Erased."""
    if PatientIdentity.objects.filter(patient=patient_id, erased_at__isnull=False).exists():
        raise Erased(f"The identity of this patient was erased, so {so}. Add the person as a new patient.")


def hold_alone(patient_id: int) -> None:
    """For an erasure: wait for all who hold it out, and keep them waiting until the transaction ends."""
    _lock("pg_advisory_xact_lock", patient_id)


def _lock(function: str, patient_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended('erasing', %s))", [patient_id])
