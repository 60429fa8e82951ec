"""A clinician reads another clinic for an hour: opened with a reason, ended in many ways, judged afterwards.

What may be read meanwhile is said above, by ``apps.workspace.permissions``.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.models import (
    ASSESSMENTS,
    EMERGENCY_FOR,
    EMERGENCY_REASONS,
    Clinic,
    EmergencyAccess,
    Role,
    StaffMembership,
    User,
)
from apps.accounts.trail import clinics_told_of
from apps.audit.acting import acting_as
from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.audit.services import record_in

Accesses = QuerySet[EmergencyAccess]
OPEN, END, ASSESS = "open_emergency", "end_emergency", "assess_emergency"
OBJECT: Final = EmergencyAccess._meta.model_name or ""
#: In the detail of a look: the access by which it was had.
BY_EMERGENCY: Final = "emergency"


class End(StrEnum):
    """The codes of EMERGENCY_ENDS."""

    TIME = "time"
    READER = "reader"
    SIGNED_OUT = "signed_out"
    SESSION_CLOSED = "session_closed"
    ACCESS_ENDED = "access_ended"
    SWITCHED_OFF = "switched_off"


class NoEmergency(ValueError):
    """The message is fit for the user; ``field`` names what is wrong, empty where it is the state."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def open_to(user: User) -> QuerySet[Clinic]:
    """Clinics that this person may read in an emergency: switched on, and none of their own."""
    if not _is_clinician(user):
        return Clinic.objects.none()
    own = StaffMembership.objects.filter(user=user, role__in=list(Role)).values("clinic_id")
    return Clinic.objects.filter(emergency_access=True).exclude(pk__in=own)


def _is_clinician(user: User) -> bool:
    """Who runs the system switches it on, and does not use it."""
    is_staff = user.is_active and user.is_staff and not user.is_superuser
    return is_staff and user.memberships.filter(role=Role.CLINICIAN).exists()


def still_open(user: User, pk: int, *, at: datetime) -> EmergencyAccess | None:
    """The access if it is open at ``at``: asked anew at each request, whoever has told the row its end."""
    clinician = StaffMembership.objects.filter(user=OuterRef("user"), role=Role.CLINICIAN)
    found = EmergencyAccess.objects.filter(
        Exists(clinician),
        pk=pk,
        user=user,
        user__is_active=True,
        user__is_staff=True,
        user__is_superuser=False,
        ended_at=None,
        opened_at__lte=at,
        until__gt=at,
        clinic__emergency_access=True,
    )
    return found.select_related("clinic").first()


@transaction.atomic
def open_emergency(
    user: User, clinic_id: int, *, reason_code: str, reason: str, at: datetime, request_id: str = ""
) -> EmergencyAccess:
    """Raises NoEmergency. Who asks has been proven by both factors just now."""
    check_words(reason_code, reason, codes=EMERGENCY_REASONS, field="reason_code", words="reason")
    # Whoever ends this person's access, or switches the clinic off, waits until the row is there to be ended.
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    clinic = open_to(locked).select_for_update(no_key=True).filter(pk=clinic_id).first()
    if clinic is None:
        raise NoEmergency("choose a clinic that has emergency access switched on", field="clinic")
    for before in EmergencyAccess.objects.filter(user=locked, ended_at=None):
        if before.until > at and before.clinic.emergency_access:
            raise NoEmergency(f"the records of {before.clinic} are open already: end that first")
        end_emergency(before, why=why_over(before), by=f"staff:{user.pk}", at=at, request_id=request_id)
    made = EmergencyAccess.objects.create(
        user=locked,
        clinic=clinic,
        reason_code=reason_code,
        reason=reason.strip(),
        opened_at=at,
        until=at + EMERGENCY_FOR,
    )
    detail = {"why": reason_code, "until": made.until.isoformat()}
    _tell(made, OPEN, by=f"staff:{user.pk}", at=at, reason=made.reason, request_id=request_id, detail=detail)
    return made


def why_over(row: EmergencyAccess) -> End:
    """Why one that nobody has ended lets nobody in before its time is over."""
    return End.ACCESS_ENDED if row.clinic.emergency_access else End.SWITCHED_OFF


def end_emergency(row: EmergencyAccess, *, why: End, by: str, at: datetime, request_id: str = "") -> bool:
    """False where it had ended before: of two who end it at once, one does, and one event says so.

    Where the clock has ended it already, that is why.
    """
    why = End.TIME if row.until <= at else why
    with acting_as(by):
        ended = min(at, row.until)
        still = EmergencyAccess.objects.filter(pk=row.pk, ended_at=None)
        is_ours = still.update(ended_at=ended, ended_why=why.value) == 1
        if is_ours:
            detail = {"why": why.value, "at": ended.isoformat()}
            _tell(row, END, by=by, at=at, request_id=request_id, detail=detail)
    return is_ours


def end_all(rows: Accesses, *, why: End, by: str, at: datetime, request_id: str = "") -> None:
    for row in rows.filter(ended_at=None).select_related("clinic"):
        end_emergency(row, why=why, by=by, at=at, request_id=request_id)


@transaction.atomic
def assess_emergency(
    row: EmergencyAccess, *, by: User, assessment: str, words: str, at: datetime, request_id: str = ""
) -> None:
    """Once, by a site admin who is not the one who read. Raises NoEmergency."""
    check_words(assessment, words, codes=ASSESSMENTS, field="assessment", words="assessment_words")
    stored = EmergencyAccess.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=row.pk)
    why_not = why_not_assessed(stored, by=by, at=at)
    if why_not:
        raise NoEmergency(why_not)
    end_emergency(stored, why=why_over(stored), by=f"staff:{by.pk}", at=at, request_id=request_id)
    EmergencyAccess.objects.filter(pk=row.pk).update(
        assessment=assessment, assessment_words=words.strip(), assessed_by=by, assessed_at=at
    )
    told = {"reason": words.strip(), "request_id": request_id, "detail": {"assessment": assessment}}
    _tell(stored, ASSESS, by=f"staff:{by.pk}", at=at, **told)


def why_not_assessed(row: EmergencyAccess, *, by: User, at: datetime) -> str:
    """Empty where this person may assess it now."""
    if row.assessed_at is not None:
        return "it was assessed before, and nothing was changed"
    if row.user_id == by.pk:
        return "another site admin assesses what you have read yourself"
    is_open = row.ended_at is None and row.until > at and row.clinic.emergency_access
    return "it is still open: assess it when it has ended" if is_open else ""


def check_words(code: str, text: str, *, codes: dict[str, str], field: str, words: str) -> None:
    """Raises NoEmergency."""
    if code not in codes:
        raise NoEmergency("choose one of these", field=field)
    if len("".join(text.split())) < LEAST_READABLE:
        raise NoEmergency(f"say why, in at least {LEAST_READABLE} characters", field=words)
    if len(text.strip()) > LONGEST:
        raise NoEmergency(f"say it in at most {LONGEST} characters", field=words)


def _tell(row: EmergencyAccess, action: str, *, by: str, at: datetime, **said: Any) -> None:
    """To the clinic that is read, and to each where the person works."""
    said["detail"] = {"clinic": row.clinic_id} | said.get("detail", {})
    clinics = {row.clinic_id, *clinics_told_of(row.user)} - {None}
    record_in(sorted(clinics), action=action, object_type=OBJECT, object_id=row.pk, by=by, at=at, **said)
