"""Second factors are set up by their owner; a passkey is removed by its owner, a lost app by an operator."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction

from apps.accounts.ceremony import NotProven, Presented
from apps.accounts.factors import WrongCredentials, access_of, counter_of, factors_of, has_app
from apps.accounts.models import User
from apps.accounts.passkeys import MOST, make_passkey, rows_of
from apps.accounts.trail import record_for


@transaction.atomic
def enrol(user: User, *, secret: str, code: str, at: datetime) -> list[str]:
    """Take the authenticator app that shows ``code``; the recovery codes, to be shown once."""
    access = access_of(user)
    counter = counter_of(secret, code, at=at)
    if has_app(user):
        raise WrongCredentials("An app is set up already; the operator removes a lost one.")
    if counter is None:
        raise WrongCredentials("This is not the code that the app shows now. Nothing was set up; try again.")
    access.last_counter = counter
    access.save(update_fields=["last_counter"])
    TOTP.activate(user, secret)
    record_for(user, "enrol_factor", at=at)
    return _recovery_codes(user)


@transaction.atomic
def enrol_passkey(
    user: User, presented: Presented, *, name: str, known: list[int], at: datetime
) -> list[str]:
    """Keep a new passkey; the recovery codes, to be shown once, when it is the first factor.

    ``known`` are the factors by which the person was asked who they are.
    """
    access = access_of(user)
    check_name(user, name)
    if factors_of(user) != known:
        raise WrongCredentials("Your second factors changed meanwhile. Nothing was set up; begin again.")
    try:
        make_passkey(access, presented, name=name, at=at)
    except NotProven as refusal:
        raise WrongCredentials("The passkey was not taken. Nothing was set up; try again.") from refusal
    access.save(update_fields=["last_challenge"])
    record_for(user, "enrol_passkey", at=at, detail={"passkey": name})
    return _recovery_codes(user)


def check_name(user: User, name: str) -> None:
    """Raises WrongCredentials for one passkey too many, and for a name that is taken."""
    names = {row.data["name"].casefold() for row in rows_of(user)}
    if len(names) >= MOST:
        raise WrongCredentials(f"{MOST} passkeys are the most. Remove one that you no longer use.")
    if name.casefold() in names:
        raise WrongCredentials("A passkey of that name is there already. Choose another name.")


@transaction.atomic
def remove_passkey(user: User, pk: int, *, at: datetime) -> str:
    """The name of the passkey that is gone. Raises WrongCredentials for the last factor."""
    access_of(user)
    row = rows_of(user).get(pk=pk)
    if factors_of(user) == [row.pk]:
        raise WrongCredentials("This is your only second factor. Set up another one first.")
    row.delete()
    record_for(user, "remove_passkey", at=at, detail={"passkey": row.data["name"]})
    return str(row.data["name"])


def _recovery_codes(user: User) -> list[str]:
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).exists():
        return []
    return [str(one) for one in RecoveryCodes.activate(user).generate_codes()]


@transaction.atomic
def remove_factor(user: User, *, by: str, at: datetime, reason: str) -> None:
    """A lost factor is dead from the commit on: every signature asks the database."""
    Authenticator.objects.filter(user=user).delete()
    record_for(user, "remove_factor", at=at, by=by, reason=reason)
