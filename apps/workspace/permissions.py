"""Who may do what: the table of ``rights.yaml`` over the rows of the clinics where a person has a role.

A resource or role without a cell has no right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.accounts.models import Role, StaffMembership, User
from apps.workspace.emergency import open_in
from apps.workspace.rights import EMERGENCY, SYSTEM, read_table

RIGHTS: Final = read_table().resources
#: Reports, snapshots and exports: no emergency needs them.
COHORTS: Final = "/staff/cohorts/"


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do. An empty ``roles`` means nothing, never everything."""

    roles: Mapping[int, Role]
    is_system: bool = False
    #: A clinic of others that this request may read (docs/adr/0029).
    emergency: int | None = None

    @property
    def shown(self) -> frozenset[int]:
        """Whose rows PostgreSQL shows."""
        return frozenset(self.roles) | self._looked_into

    @property
    def _looked_into(self) -> frozenset[int]:
        return frozenset() if self.emergency is None else frozenset({self.emergency})

    @property
    def own(self) -> "Access":
        """Without what is open in an emergency."""
        return replace(self, emergency=None)

    def clinics(self, act: str, *, resource: str) -> frozenset[int]:
        """The clinics in which ``act`` on ``resource`` is allowed."""
        row = RIGHTS.get(resource, {})
        held = frozenset(clinic for clinic, role in self.roles.items() if act in row.get(role, ()))
        return held | self._looked_into if act in row.get(EMERGENCY, ()) else held

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
    found = StaffMembership.objects.filter(user=user, role__in=list(Role)).values_list("clinic_id", "role")
    return Access({clinic: Role(role) for clinic, role in found}, is_system=user.is_superuser)


def access_of(request: HttpRequest) -> Access:
    """Read once a request: a page asks many times, and one answer keeps the page consistent."""
    known = getattr(request, "_staff_access", None)
    if known is None:
        known = _read_for(request) if request.user.is_authenticated else Access({})
        request._staff_access = known  # type: ignore[attr-defined]
    return cast(Access, known)


def _read_for(request: HttpRequest) -> Access:
    """What is open in an emergency is for looking: whatever may write is answered as if it were not open."""
    user: Any = request.user
    access, opened = read_access(user), open_in(request)
    only_looks = request.method == "GET" and not request.path_info.startswith(COHORTS)
    return replace(access, emergency=opened.clinic_id) if opened and only_looks else access


def require(request: HttpRequest, act: str, *, resource: str, clinic: int) -> None:
    if not access_of(request).may(act, resource=resource, clinic=clinic):
        raise PermissionDenied
