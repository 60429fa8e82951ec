"""The first password of an account: set by its owner alone, over a link that works once (docs/adr/0030).

What the link opens stands in it, sealed: whose it is, until when, and the state of the account that it was
made for. A password, another link and an end of the access are another state, and so end it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from apps.accounts.models import Role, StaffMembership, User
from apps.accounts.people import PERSON, Act, CannotChange, locked, why_not_changed
from apps.accounts.trail import record_for

SALT: Final = "sctrial.accounts.first_password"
GOOD_FOR: Final = timedelta(days=3)
HAS_ONE: Final = "This person has set a password. A lost one is renewed by who keeps the accounts"
ELSEWHERE: Final = "This person works in another clinic, too: who keeps the accounts makes the link"
LEFT: Final = "This person works in this clinic no more: give a role first"


@dataclass(frozen=True, slots=True)
class Link:
    """``sealed`` is told once and kept by nobody here."""

    sealed: str
    until: datetime


@transaction.atomic
def make_link(place: StaffMembership, *, act: Act) -> Link:
    """An earlier one works no more. Raises CannotChange."""
    stored = locked(place)
    why_not = why_no_link(stored, by=act.by)
    if why_not:
        raise CannotChange(why_not)
    user = User.objects.select_for_update(no_key=True).get(pk=stored.user_id)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    until = act.at + GOOD_FOR
    act.write("make_password_link", of=PERSON, object_id=user.pk, clinic=stored.clinic_id)
    return Link(_signer().sign_object([user.pk, _state(user), int(until.timestamp())]), until)


def why_no_link(place: StaffMembership, *, by: User) -> str:
    """Empty where there may be one: a link to an account that is in use would be a way into it."""
    why_not = why_not_changed(place, by=by)
    if why_not:
        return why_not
    if place.role not in list(Role):
        return LEFT
    if place.user.has_usable_password():
        return HAS_ONE
    others = place.user.memberships.exclude(pk=place.pk).filter(role__in=list(Role))
    return ELSEWHERE if others.exists() else ""


def open_link(sealed: str, *, at: datetime) -> User | None:
    """Whose first password may be set by it now."""
    try:
        pk, state, until = _signer().unsign_object(sealed)
    except (BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None or at.timestamp() >= until or user.has_usable_password():
        return None
    return user if constant_time_compare(state, _state(user)) else None


@sensitive_variables("password")
@transaction.atomic
def set_first_password(sealed: str, *, password: str, at: datetime, request_id: str = "") -> User | None:
    """None where the link is over, also by whoever used it in the same moment."""
    found = open_link(sealed, at=at)
    if found is None:
        return None
    User.objects.select_for_update(no_key=True).get(pk=found.pk)
    user = open_link(sealed, at=at)
    if user is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
        record_for(user, "set_first_password", at=at, request_id=request_id)
    return user


def _state(user: User) -> str:
    return user.get_session_auth_hash()


def _signer() -> Signer:
    # A separator that an address needs not escape.
    return Signer(sep=".", salt=SALT)
