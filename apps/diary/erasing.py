"""Erase who a patient is, with all that leads to the person: invitations, phones, addresses of reminders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.audit.services import record_each
from apps.diary.compliance import RUNNING
from apps.diary.models import PairingCode, PatientDevice
from apps.diary.pairing import NO_PHONE, revoke_device
from apps.patients.erased import Erased, check_known, hold_alone
from apps.patients.erasing import CannotErase, check_reason, erase_identity, tombstone_of
from apps.patients.models import Patient
from apps.trials.models import StimulationTrial

WITH_IT: Final = "the identity of the patient was erased"


@dataclass(frozen=True, slots=True)
class Erasing:
    """Of whom, by whom, when, in which request, and why: a code of ``ERASURE_REASONS`` and words."""

    patient: Patient
    by: str
    at: datetime
    reason_code: str
    words: str
    request_id: str = ""


@transaction.atomic
def erase_patient(act: Erasing) -> bool:
    """False where it was erased before. All of it or nothing; raises CannotErase."""
    hold_alone(act.patient.pk)
    if tombstone_of(act.patient) is None:
        check_reason(act.reason_code, act.words)
        _require_at_rest(act.patient)
        # In this order: who joins holds the invitation, a phone its own row, and the patient's comes last.
        _withdraw_invitations(act)
        _forget_phones(act)
    return erase_identity(
        act.patient,
        by=act.by,
        at=act.at,
        reason_code=act.reason_code,
        words=act.words,
        request_id=act.request_id,
    )


def _require_at_rest(patient: Patient) -> None:
    refusal = why_not_erased(patient)
    if refusal:
        raise CannotErase(refusal)


def why_not_erased(patient: Patient) -> str:
    """What stands against it, with the remedy; empty where nothing does."""
    phases = [phase.value for phase in RUNNING]
    running = (
        StimulationTrial.objects.filter(patient=patient, phase__in=phases).order_by("created_at").first()
    )
    if running is None:
        return ""
    return (
        f"A trial of this patient is running ({running.get_phase_display()}), and the clinic must be able to"
        " reach the patient. End it, cancel it or withdraw the patient on the trial's page first."
    )


def why_no_phone(patient: Patient) -> str:
    """Empty where a phone may be invited; nobody is told apart from a person who is not known here."""
    try:
        check_known(patient.pk, so=NO_PHONE)
    except Erased as refused:
        return str(refused)
    return ""


def open_invitations(patient: Patient, *, at: datetime) -> QuerySet[PairingCode]:
    still_good = Q(expires_at__gt=at) | Q(link_expires_at__gt=at)
    return PairingCode.objects.filter(still_good, trial__patient=patient, used_at__isnull=True)


def paired_phones(patient: Patient) -> QuerySet[PatientDevice]:
    return PatientDevice.objects.filter(trial__patient=patient, revoked_at__isnull=True)


def _withdraw_invitations(act: Erasing) -> None:
    rows = list(open_invitations(act.patient, at=act.at).select_for_update(of=("self",)).order_by("pk"))
    PairingCode.objects.filter(pk__in=[row.pk for row in rows]).update(
        expires_at=act.at, link_expires_at=act.at
    )
    record_each(
        [(act.patient.clinic_id, row.pk) for row in rows],
        action="withdraw",
        object_type="pairing_code",
        by=act.by,
        at=act.at,
        reason=WITH_IT,
        request_id=act.request_id,
    )


def _forget_phones(act: Erasing) -> None:
    """Those that were revoked before have a name too, and may have an address of their push service."""
    phones = PatientDevice.objects.filter(trial__patient=act.patient).select_related("trial")
    for phone in phones.select_for_update(of=("self",)).order_by("pk"):
        if phone.revoked_at is None:
            revoke_device(phone, by=act.by, at=act.at, reason=WITH_IT)
    phones.update(
        label="",
        push_subscription=None,
        remind_by_push=False,
        remind_by_email=False,
        remind_by_sms=False,
        version=F("version") + 1,
    )
