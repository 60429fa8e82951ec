"""Who works in a clinic, and as what: added, changed and ended by who runs it (docs/adr/0030)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.ending import Why, end_access
from apps.accounts.models import FORMER, MEMBERSHIPS, ROLE_LABELS, Clinic, Role, StaffMembership, User
from apps.audit.services import record

PLACE, PERSON = "staffmembership", "user"
TAKEN: Final = (
    "An account has this user name or this e-mail address already. Somebody of the list of this clinic is "
    "changed there; somebody who works elsewhere is offered a place, and takes it"
)
NOT_YOURS: Final = "You do not run this clinic any more, and nothing was changed"
OWN: Final = "Nobody changes their own role: another site admin of the clinic does"
OWN_AND_LAST: Final = (
    "You are the only site admin of this clinic: make somebody else one first, who can then change your role"
)
ABOVE: Final = (
    "This person keeps the accounts of the whole installation, which is above a site admin: ask them"
)
NO_SUCH_ROLE: Final = "A site admin gives one of the roles of a clinic, and none above their own"
SAME: Final = "That is the person's role already, and nothing was changed"
REFUSALS: Final = (TAKEN, NOT_YOURS, OWN, OWN_AND_LAST, ABOVE, NO_SUCH_ROLE, SAME)


class CannotChange(ValueError):
    """The message is fit for the user; ``field`` is empty where it is about none."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class _Taken(Exception):
    """Somebody has the user name or the address."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes something, when and why."""

    by: User
    at: datetime
    reason: str
    request_id: str = ""

    def write(
        self, action: str, *, of: str, object_id: object, clinic: int, detail: dict[str, Any] | None = None
    ) -> None:
        record(
            action=action,
            object_type=of,
            object_id=object_id,
            by=f"staff:{self.by.pk}",
            at=self.at,
            clinic_id=clinic,
            reason=self.reason,
            request_id=self.request_id,
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class Newcomer:
    username: str
    first_name: str
    last_name: str
    email: str
    role: str


def add_person(clinic: Clinic, who: Newcomer, *, act: Act) -> StaffMembership:
    """Without a password: the person sets the first one. Raises CannotChange.

    Whether an account exists elsewhere is not told twice for nothing: each such try is an event.
    """
    try:
        with transaction.atomic():
            return _add(clinic, who, act=act)
    except (IntegrityError, _Taken):
        act.write("refuse_person", of=PERSON, object_id="", clinic=clinic.pk, detail={"why": "taken"})
        raise CannotChange(TAKEN, field="username") from None


def _add(clinic: Clinic, who: Newcomer, *, act: Act) -> StaffMembership:
    must_run(clinic.pk, by=act.by)
    if who.role not in ROLE_LABELS:
        raise CannotChange(NO_SUCH_ROLE, field="role")
    if User.objects.filter(Q(username__iexact=who.username) | Q(email__iexact=who.email)).exists():
        raise _Taken
    names = {"first_name": who.first_name, "last_name": who.last_name, "email": who.email}
    user = User(username=who.username, is_staff=True, **names)
    user.set_unusable_password()
    user.save()
    place = StaffMembership.objects.create(user=user, clinic=clinic, role=who.role)
    act.write("create", of=PERSON, object_id=user.pk, clinic=clinic.pk)
    act.write("create", of=PLACE, object_id=place.pk, clinic=clinic.pk, detail={"role": who.role})
    return place


@transaction.atomic
def change_role(place: StaffMembership, *, role: str, act: Act) -> None:
    """To another role, to none (``former``), or back. Whatever role is lost, what it let in ends with it.

    Raises CannotChange.
    """
    stored = locked(place)
    why_not = why_not_changed(stored, by=act.by) or _why_no_role(stored, role)
    if why_not:
        raise CannotChange(why_not, field="role" if role == stored.role else "")
    was, stored.role = stored.role, role
    stored.save(update_fields=["role"])
    act.write(
        "change", of=PLACE, object_id=stored.pk, clinic=stored.clinic_id, detail={"was": was, "role": role}
    )
    if was != FORMER:
        # Without the words of the reason: the person's other clinics are told, too.
        by = f"staff:{act.by.pk}"
        end_access(stored.user, why=Why.ROLE, by=by, at=act.at, request_id=act.request_id)


def locked(place: StaffMembership) -> StaffMembership:
    """With everybody's of the clinic, so that two who change each other wait for one another."""
    rows = StaffMembership.objects.filter(clinic=place.clinic_id).order_by("pk")
    held = rows.select_for_update(of=("self",), no_key=True).select_related("user", "clinic")
    return next(row for row in held if row.pk == place.pk)


def why_not_changed(place: StaffMembership, *, by: User) -> str:
    """Empty where ``by`` may change it."""
    if place.user_id == by.pk:
        return OWN if _admins(place.clinic_id).exclude(user=by).exists() else OWN_AND_LAST
    if not runs(place.clinic_id, by=by):
        return NOT_YOURS
    return ABOVE if place.user.is_superuser else ""


def _why_no_role(place: StaffMembership, role: str) -> str:
    if role not in MEMBERSHIPS:
        return NO_SUCH_ROLE
    return SAME if role == place.role else ""


def must_run(clinic: int, *, by: User) -> None:
    """Raises CannotChange."""
    if not runs(clinic, by=by, locked=True):
        raise CannotChange(NOT_YOURS)


def runs(clinic: int, *, by: User, locked: bool = False) -> bool:
    """``locked``: whoever takes the role away waits until this transaction ends."""
    rows = _admins(clinic).filter(user=by)
    return bool((rows.select_for_update(of=("self",), no_key=True) if locked else rows).exists())


def _admins(clinic: int) -> Any:
    return StaffMembership.objects.filter(clinic=clinic, role=Role.SITE_ADMIN, user__is_active=True)
