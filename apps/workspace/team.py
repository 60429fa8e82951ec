"""Who works in a clinic, and since when: names and roles for colleagues, more for who runs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext

from apps.accounts.factors import SECOND
from apps.accounts.models import FORMER, Clinic, StaffMembership
from apps.workspace.actors import ROLE_NAMES, Roles, roles_in
from apps.workspace.permissions import Access
from apps.workspace.rights import Act

RESOURCE: Final = "accounts.staffmembership"


@dataclass(frozen=True, slots=True)
class Colleague:
    """``since`` is None where the trail does not go back so far."""

    place: StaffMembership
    role: str
    since: datetime | None
    has_factor: bool

    @property
    def name(self) -> str:
        return self.place.user.get_full_name() or self.place.user.get_username()

    @property
    def awaits_password(self) -> bool:
        return not self.place.user.has_usable_password()


@dataclass(frozen=True, slots=True)
class Team:
    """``former`` is empty for who does not run the clinic."""

    clinic: Clinic
    is_run: bool
    here: list[Colleague]
    former: list[Colleague]


def teams_of(access: Access) -> list[Team]:
    """One for each clinic whose people may be seen."""
    runs = access.clinics(Act.CHANGE, resource=RESOURCE)
    clinics = Clinic.objects.filter(pk__in=access.clinics(Act.VIEW, resource=RESOURCE))
    return [_team(clinic, is_run=clinic.pk in runs) for clinic in clinics]


def _team(clinic: Clinic, *, is_run: bool) -> Team:
    rows = clinic.memberships.select_related("user").order_by("user__last_name", "user__username")
    roles = roles_in([clinic.pk]) if is_run else {}
    with_factor = _with_factor(clinic) if is_run else frozenset()
    everybody = [_colleague(row, roles, with_factor) for row in rows]
    here = [one for one in everybody if one.place.role != FORMER]
    return Team(clinic, is_run, here, [one for one in everybody if one not in here] if is_run else [])


def _colleague(row: StaffMembership, roles: Roles, with_factor: frozenset[int]) -> Colleague:
    spans = roles.get((row.clinic_id, f"staff:{row.user_id}"), [])
    return Colleague(row, gettext(ROLE_NAMES[row.role]), since(spans), row.user_id in with_factor)


def since(spans: list[tuple[datetime, str]]) -> datetime | None:
    """From when on the person has worked here without a break; for who has left, since when not."""
    began: datetime | None = None
    was_here: bool | None = None
    for at, role in spans:
        is_here = role not in (FORMER, "")
        began = began if is_here is was_here else at
        was_here = is_here
    return began


def colleague_of(place: StaffMembership) -> Colleague:
    """One of them, as who runs the clinic sees them."""
    return _colleague(place, roles_in([place.clinic_id]), _with_factor(place.clinic))


def _with_factor(clinic: Clinic) -> frozenset[int]:
    rows = Authenticator.objects.filter(user__memberships__clinic=clinic, type__in=SECOND)
    return frozenset(rows.values_list("user", flat=True))
