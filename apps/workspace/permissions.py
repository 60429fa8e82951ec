"""Who may do what: the table of ``rights.yaml`` over the rows of the clinics where a person has a role.

A resource or role without a cell has no right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.accounts.models import Role, StaffMembership, User
from apps.workspace.rights import SYSTEM, read_table

RIGHTS: Final = read_table().resources


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
    found = StaffMembership.objects.filter(user=user, role__in=list(Role)).values_list("clinic_id", "role")
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
