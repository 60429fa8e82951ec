"""Erase who a patient is: the record stays under the pseudonym, a tombstone stands where the name stood."""

from datetime import datetime

from django.db import transaction

from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.audit.services import record
from apps.patients.models import ERASURE_REASONS, Patient, PatientIdentity


class CannotErase(ValueError):
    """The message is fit for the user; ``field`` names what is missing, empty where it is the state."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def tombstone_of(patient: Patient) -> PatientIdentity | None:
    """Where the identity was erased, the row that says so."""
    return PatientIdentity.objects.filter(patient=patient, erased_at__isnull=False).first()


@transaction.atomic
def erase_identity(
    patient: Patient, *, by: str, reason_code: str, words: str, at: datetime, request_id: str = ""
) -> bool:
    """False where it was erased before: then nothing changes. Raises CannotErase.

    Name, birth date, phone, e-mail and the key to their seals in the trail are gone with the same statement,
    so that no value can be held against the trail any more; the trail itself does not change. Phones and
    invitations are ended above: call ``apps.diary.erasing.erase_patient``.
    """
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if tombstone_of(patient) is not None:
        return False
    check_reason(reason_code, words)
    PatientIdentity.objects.update_or_create(
        patient=patient,
        defaults={
            "full_name": "",
            "born_on": None,
            "phone": "",
            "email": "",
            "trail_key": None,
            "erased_at": at,
            "erased_by": by,
            "erased_because": reason_code,
        },
    )
    record(
        action="erase",
        object_type="patient",
        object_id=patient.pk,
        by=by,
        at=at,
        clinic_id=patient.clinic_id,
        reason=words.strip(),
        request_id=request_id,
        detail={"why": reason_code},
    )
    return True


def check_reason(code: str, words: str) -> None:
    """Raises CannotErase."""
    if code not in ERASURE_REASONS:
        raise CannotErase("choose why the identity is erased", field="reason_code")
    if len("".join(words.split())) < LEAST_READABLE:
        said = f"say why the identity is erased, in at least {LEAST_READABLE} characters"
        raise CannotErase(said, field="words")
    if len(words.strip()) > LONGEST:
        raise CannotErase(f"say it in at most {LONGEST} characters", field="words")
