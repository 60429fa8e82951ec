"""Who may do what: one table, by role, over the rows of the clinics where a person has that role.

Nobody deletes anything, so there is no letter for it. A resource or role without a cell has no right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.accounts.models import Role, StaffMembership, User


class Act(StrEnum):
    VIEW = "view"
    ADD = "add"
    CHANGE = "change"


#: Superusers keep the people and the clinics; being one shows no clinical row.
SYSTEM: Final = "system"

_LETTERS: Final = {"v": Act.VIEW, "a": Act.ADD, "c": Act.CHANGE}
_STAFF: Final = (Role.COORDINATOR, Role.CLINICIAN, Role.SITE_ADMIN, Role.ANALYST)


def _row(*cells: str) -> dict[str, frozenset[Act]]:
    return {
        role: frozenset(_LETTERS[letter] for letter in cell)
        for role, cell in zip((*_STAFF, SYSTEM), cells, strict=True)
    }


RIGHTS: Final[Mapping[str, Mapping[str, frozenset[Act]]]] = {
    # resource                      coordinator, clinician, site admin, analyst, system
    "patients.patient": _row("vac", "vac", "v", "v", ""),
    "patients.patientidentity": _row("vac", "v", "v", "", ""),
    # Before the trial: a change is a row that takes the place of another.
    "patients.diagnosis": _row("va", "va", "v", "v", ""),
    "patients.painregions": _row("va", "va", "v", "v", ""),
    "patients.conservativetherapy": _row("va", "va", "v", "v", ""),
    "patients.eligibilityreview": _row("va", "va", "v", "", ""),
    "patients.priorauthorisation": _row("va", "va", "v", "", ""),
    # Free text may name people.
    "patients.record.note": _row("v", "v", "v", "", ""),
    "trials.stimulationtrial": _row("vac", "vac", "v", "v", ""),
    "trials.programinterval": _row("vac", "vac", "v", "v", ""),
    "trials.lead": _row("vac", "vac", "v", "v", ""),
    "trials.externalstimulator": _row("vac", "vac", "v", "v", ""),
    # Added by extending the trial, and never changed.
    "trials.extension": _row("va", "va", "v", "v", ""),
    "trials.permanentimplant": _row("vac", "vac", "v", "v", ""),
    "trials.followup": _row("vac", "vac", "v", "v", ""),
    "trials.revision": _row("vac", "vac", "v", "v", ""),
    "trials.explant": _row("vac", "vac", "v", "v", ""),
    "trials.adverseevent": _row("vac", "vac", "v", "v", ""),
    # A clinic's own rule set is changed only by approving it, and not by who proposed it.
    "trials.clinicruleset": _row("v", "vc", "vac", "v", ""),
    # Free text may name people, so an analyst sees the coded part only.
    "trials.adverseevent.description": _row("v", "v", "v", "", ""),
    # An answer is added by staff only as they heard it on the phone, with a reason.
    "diary.diaryentry": _row("va", "v", "v", "v", ""),
    "diary.diaryanswer": _row("va", "v", "v", "v", ""),
    # In the patient's own words: only for those who treat the patient.
    "diary.diaryanswer.note": _row("v", "v", "", "", ""),
    # Changed by settling it, which never edits an answer.
    "diary.parkedanswer": _row("vc", "vc", "v", "", ""),
    "diary.correctionrequest": _row("vc", "vc", "v", "", ""),
    # A task is changed only by closing it.
    "diary.stafftask": _row("vc", "vc", "v", "", ""),
    "diary.consentevent": _row("v", "v", "v", "", ""),
    # Added by asking silent patients, all at once.
    "diary.reminder": _row("va", "v", "v", "", ""),
    "diary.reminderpolicy": _row("v", "v", "vac", "", ""),
    "diary.diaryimport": _row("v", "v", "v", "", ""),
    "diary.opioiduse": _row("va", "va", "v", "v", ""),
    "diary.questionnaireresponse": _row("va", "va", "v", "v", ""),
    # A device is changed only by revoking it.
    "diary.patientdevice": _row("vac", "v", "vac", "", ""),
    "outcomes.evidence": _row("v", "v", "v", "v", ""),
    "outcomes.assessment": _row("v", "v", "v", "v", ""),
    # Added by signing, and never changed.
    "outcomes.decision": _row("v", "va", "v", "v", ""),
    # De-identified tables of a clinic's trials; added by making one, and never changed.
    "cohorts.snapshot": _row("", "va", "va", "va", ""),
    # The same with pseudonyms and dates: only for those who treat the patients, with a reason.
    "cohorts.snapshot.identified": _row("", "a", "", "", ""),
    "audit.auditevent": _row("v", "v", "v", "", ""),
    # Who looked at a record; one's own looks are in one's trail anyway.
    "audit.look": _row("", "", "v", "", ""),
    "accounts.clinic": _row("", "", "v", "", "vac"),
    "accounts.staffmembership": _row("", "", "v", "", "vac"),
    "accounts.user": _row("", "", "", "", "vac"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do. An empty ``roles`` means nothing, never everything."""

    roles: Mapping[int, Role]
    is_system: bool = False

    def clinics(self, act: str, *, resource: str) -> frozenset[int]:
        """The clinics in which ``act`` on ``resource`` is allowed."""
        row = RIGHTS.get(resource, {})
        return frozenset(clinic for clinic, role in self.roles.items() if act in row.get(role, ()))

    def everywhere(self, act: str, *, resource: str) -> bool:
        """Whether ``act`` is allowed whatever the clinic."""
        return self.is_system and act in RIGHTS.get(resource, {}).get(SYSTEM, ())

    def may(self, act: str, *, resource: str, clinic: int | None = None) -> bool:
        """Whether ``act`` is allowed in ``clinic``, or in any clinic when none is named."""
        allowed = self.clinics(act, resource=resource)
        here = bool(allowed) if clinic is None else clinic in allowed
        return here or self.everywhere(act, resource=resource)


def read_access(user: User) -> Access:
    if not (user.is_active and user.is_staff):
        return Access({})
    found = StaffMembership.objects.filter(user=user).values_list("clinic_id", "role")
    return Access({clinic: Role(role) for clinic, role in found}, is_system=user.is_superuser)


def access_of(request: HttpRequest) -> Access:
    """Read once a request: a page asks many times, and one answer keeps the page consistent."""
    known = getattr(request, "_staff_access", None)
    if known is None:
        known = read_access(request.user) if request.user.is_authenticated else Access({})
        request._staff_access = known  # type: ignore[attr-defined]
    return cast(Access, known)


def require(request: HttpRequest, act: str, *, resource: str, clinic: int) -> None:
    if not access_of(request).may(act, resource=resource, clinic=clinic):
        raise PermissionDenied
