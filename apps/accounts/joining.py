"""A place in a clinic for somebody who has an account: offered over a link, taken by them (docs/adr/0030).

Whether there is such an account is told to nobody: a link is made for whatever user name is typed, and opens
for the person who is signed in under it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import connection, transaction

from apps.accounts.first_password import GOOD_FOR, Link
from apps.accounts.models import ROLE_LABELS, Clinic, StaffMembership, User
from apps.accounts.people import NO_SUCH_ROLE, PLACE, Act, CannotChange, must_run, runs
from apps.row_security import PEOPLE

SALT: Final = "sctrial.accounts.joining"
HERE: Final = "This person stands in the list of this clinic already: change the role there"


@dataclass(frozen=True, slots=True)
class Offer:
    clinic: Clinic
    role: str
    by: User


@transaction.atomic
def offer_place(clinic: Clinic, *, username: str, role: str, act: Act) -> Link:
    """Raises CannotChange."""
    must_run(clinic.pk, by=act.by)
    if role not in ROLE_LABELS:
        raise CannotChange(NO_SUCH_ROLE, field="role")
    if clinic.memberships.filter(user__username__iexact=username).exists():
        raise CannotChange(HERE, field="username")
    until = act.at + GOOD_FOR
    act.write("offer_place", of=PLACE, object_id="", clinic=clinic.pk, detail={"role": role})
    sealed = _signer().sign_object([clinic.pk, username, role, act.by.pk, int(until.timestamp())])
    return Link(sealed, until)


def open_offer(sealed: str, *, user: User, at: datetime) -> Offer | None:
    """None but for its owner, who has never worked there, while who made it runs the clinic."""
    try:
        clinic, username, role, by, until = _signer().unsign_object(sealed)
    except (BadSignature, ValueError, TypeError):
        return None
    if (
        not _is_called(user, username)
        or user.is_superuser
        or at.timestamp() >= until
        or user.memberships.filter(clinic=clinic).exists()
    ):
        return None
    made_by = User.objects.filter(pk=by).first()
    if made_by is None or not runs(clinic, by=made_by):
        return None
    return Offer(Clinic.objects.get(pk=clinic), role, made_by)


@transaction.atomic
def take_place(sealed: str, *, user: User, at: datetime, request_id: str = "") -> StaffMembership | None:
    """None where the link is over, also by the same person in the same moment."""
    owner = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    offer = open_offer(sealed, user=owner, at=at)
    if offer is None:
        return None
    _may_write_people_of(offer.clinic)
    if not runs(offer.clinic.pk, by=offer.by, locked=True):
        return None
    place = StaffMembership.objects.create(user=owner, clinic=offer.clinic, role=offer.role)
    detail = {"role": offer.role, "offered_by": f"staff:{offer.by.pk}"}
    Act(owner, at, "", request_id).write(
        "create", of=PLACE, object_id=place.pk, clinic=offer.clinic.pk, detail=detail
    )
    return place


def _is_called(user: User, typed: str) -> bool:
    """In whatever case it was typed, unless two accounts differ by that alone."""
    if user.get_username() == typed:
        return True
    alike = User.objects.filter(username__iexact=typed)
    return list(alike.values_list("pk", flat=True)[:2]) == [user.pk]


def _may_write_people_of(clinic: Clinic) -> None:
    """Until the transaction ends: who takes a place runs no clinic, and writes this one row all the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [PEOPLE, f"{{{clinic.pk}}}"])


def _signer() -> Signer:
    # A separator that an address needs not escape.
    return Signer(sep=".", salt=SALT)
