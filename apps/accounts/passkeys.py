"""A person's passkeys, kept where the other factors are: what each signed counts once (docs/adr/0012)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData, RegistrationResponse

from apps.accounts.ceremony import (
    LASTS,
    Challenge,
    NotProven,
    Presented,
    ask_to_make,
    ask_to_prove,
    credential_in,
    microseconds,
    read_made,
    read_used,
)
from apps.accounts.models import SigningAccess, User

MOST: Final = 10


class LooksCopied(NotProven):
    """Its counter went back or stood still, so two devices hold it. It is set aside for good."""

    def __init__(self, name: str, *, kept: int, given: int) -> None:
        super().__init__(f"the counter of {name!r} stood at {kept} and came back as {given}")
        self.detail: dict[str, Any] = {"passkey": name, "counter_kept": kept, "counter_given": given}


@dataclass(frozen=True, slots=True)
class Passkey:
    """One row of the list of a person's passkeys."""

    pk: int
    name: str
    made_at: datetime
    last_used_at: datetime | None
    looks_copied: bool


def passkeys_of(user: User) -> list[Passkey]:
    return [
        Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at, is_set_aside(row))
        for row in rows_of(user).order_by("created_at", "pk")
    ]


def rows_of(user: User) -> QuerySet[Any]:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)


def is_set_aside(row: Any) -> bool:
    return bool(row.data.get("looks_copied"))


def options_to_prove(user: User, challenge: bytes) -> dict[str, Any]:
    """What the browser is given to ask the device; empty without a passkey that may be used."""
    known = [data for _, data in _usable(user)]
    return ask_to_prove(known, challenge) if known else {}


def options_to_make(user: User, challenge: bytes) -> dict[str, Any]:
    return ask_to_make(user, _known(user), challenge)


def make_passkey(access: SigningAccess, presented: Presented, *, name: str, at: datetime) -> None:
    """Keep the new passkey. Raises NotProven."""
    _spend(access, presented.challenge, at=at)
    answer, data = read_made(access.user, presented, known=_known(access.user))
    if Authenticator.objects.filter(data__credential__id=answer.id).exists():
        raise NotProven("the passkey is kept already")
    kept = {"name": name, "credential": _kept(answer), "sign_count": data.counter}
    Authenticator.objects.create(user=access.user, type=Authenticator.Type.WEBAUTHN, data=kept, created_at=at)


def use_passkey(access: SigningAccess, presented: Presented, *, at: datetime) -> None:
    """Take what the passkey has signed, once. Raises NotProven; the caller holds and saves ``access``."""
    _spend(access, presented.challenge, at=at)
    usable = _usable(access.user)
    used, count = read_used(access.user, presented, known=[data for _, data in usable])
    row = next(row for row, data in usable if data.credential_id == used.credential_id)
    _count(row, count, at=at)


def _spend(access: SigningAccess, challenge: Challenge, *, at: datetime) -> None:
    """A challenge counts once, whatever worker sees it: its instant must be past the last one used."""
    age = microseconds(at) - challenge.issued
    if not 0 <= age < LASTS // timedelta(microseconds=1) or challenge.issued <= access.last_challenge:
        raise NotProven("the challenge is used or too old")
    access.last_challenge = challenge.issued


def _count(row: Any, given: int, *, at: datetime) -> None:
    """A device that counts must count up; one that never counts says 0 for ever (WebAuthn L3, 7.2)."""
    kept = row.data["sign_count"]
    if (given or kept) and given <= kept:
        row.data["looks_copied"] = True
        row.save(update_fields=["data"])
        raise LooksCopied(row.data["name"], kept=kept, given=given)
    row.data["sign_count"] = given
    row.last_used_at = at
    row.save(update_fields=["data", "last_used_at"])


def _known(user: User) -> list[AttestedCredentialData]:
    return [credential_in(row.wrap().authenticator_data) for row in rows_of(user)]


def _usable(user: User) -> list[tuple[Any, AttestedCredentialData]]:
    rows: Iterable[Any] = rows_of(user).order_by("pk")
    return [(row, credential_in(row.wrap().authenticator_data)) for row in rows if not is_set_aside(row)]


def _kept(answer: RegistrationResponse) -> dict[str, Any]:
    """What django-allauth's WebAuthn reads again, and nothing else that a browser may add."""
    response = {
        "clientDataJSON": answer.response.client_data.b64,
        "attestationObject": websafe_encode(answer.response.attestation_object),
    }
    return {"id": answer.id, "rawId": answer.id, "type": answer.type.value, "response": response}
