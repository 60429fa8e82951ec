"""What the browser is given and what comes back (WebAuthn), by the fido2 library; no row is read here."""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.accounts.models import User
from sctrial.seal import canonical_json

NAME: Final = "sctrial"
#: The device asks for finger, face or PIN each time: a passkey that lies about proves nobody.
VERIFIED: Final = UserVerificationRequirement.REQUIRED
#: ES256, EdDSA and RS256, which every authenticator has one of. Source: WebAuthn Level 3, section 5.4.
ALGORITHMS: Final = frozenset({-7, -8, -257})
LASTS: Final = timedelta(minutes=5)
LONGEST: Final = 20_000
# The library says what is malformed with whatever Python raises on the way.
MALFORMED: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    struct.error,
)


class NotProven(ValueError):
    """The passkey is not taken. The message is for whoever reads a log of refusals, not for who tried."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Random bytes of one session, good for one try."""

    nonce: str
    #: Microseconds since 1970.
    issued: int

    def bytes_for(self, asked: Mapping[str, object]) -> bytes:
        """What the device signs: changes with whatever it is asked for."""
        return hashlib.sha256(canonical_json({"nonce": self.nonce, "asked": asked})).digest()


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential as the browser sent it, with the session's challenge and what this request asks for."""

    credential: str
    challenge: Challenge
    asked: Mapping[str, object]

    @property
    def signed(self) -> bytes:
        return self.challenge.bytes_for(self.asked)


def microseconds(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def rp_id() -> str:
    """The name that passkeys are made for: the host of the service's address."""
    return urlsplit(settings.PASSKEY_ORIGIN).hostname or ""


def is_made_at(origin: str) -> bool:
    """Whether a browser at ``origin`` makes and uses passkeys of this service: never at bare numbers."""
    try:
        ip_address(rp_id())
    except ValueError:
        return origin == settings.PASSKEY_ORIGIN
    return False


def ask_to_prove(known: Sequence[AttestedCredentialData], challenge: bytes) -> dict[str, Any]:
    options, _ = _server().authenticate_begin(known, user_verification=VERIFIED, challenge=challenge)
    return dict(options.public_key) | {"timeout": LASTS // timedelta(milliseconds=1)}


def ask_to_make(user: User, known: Sequence[AttestedCredentialData], challenge: bytes) -> dict[str, Any]:
    options, _ = _begin_making(user, challenge, known=known)
    return dict(options.public_key) | {"timeout": LASTS // timedelta(milliseconds=1)}


def read_made(
    user: User, presented: Presented, *, known: Sequence[AttestedCredentialData]
) -> tuple[RegistrationResponse, AuthenticatorData]:
    """What the device made, checked. Raises NotProven."""
    _, state = _begin_making(user, presented.signed, known=known)
    try:
        answer = RegistrationResponse.from_dict(_content(presented.credential))
        data = _server().register_complete(state, answer)
        _check_client(answer.response.client_data)
        _check_key(credential_in(data), named=answer.raw_id)
    except MALFORMED as error:
        raise NotProven(str(error)) from error
    return answer, data


def read_used(
    user: User, presented: Presented, *, known: Sequence[AttestedCredentialData]
) -> tuple[AttestedCredentialData, int]:
    """Which of ``known`` has signed, and its counter. Raises NotProven."""
    server = _server()
    _, state = server.authenticate_begin(known, user_verification=VERIFIED, challenge=presented.signed)
    try:
        answer = AuthenticationResponse.from_dict(_content(presented.credential))
        used = server.authenticate_complete(state, known, answer)
        _check_client(answer.response.client_data)
        _check_owner(user, answer.response.user_handle)
    except MALFORMED as error:
        raise NotProven(str(error)) from error
    return used, answer.response.authenticator_data.counter


def _server() -> Fido2Server:
    origin = settings.PASSKEY_ORIGIN
    entity = PublicKeyCredentialRpEntity(id=rp_id(), name=NAME)
    server = Fido2Server(entity, verify_origin=lambda given: given == origin)
    server.allowed_algorithms = [one for one in server.allowed_algorithms if one.alg in ALGORITHMS]
    return server


def _begin_making(
    user: User, challenge: bytes, *, known: Sequence[AttestedCredentialData]
) -> tuple[Any, Any]:
    return _server().register_begin(
        user=PublicKeyCredentialUserEntity(
            id=_handle(user),
            name=user.get_username(),
            display_name=user.get_full_name() or user.get_username(),
        ),
        credentials=known,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=VERIFIED,
        challenge=challenge,
    )


def credential_in(data: AuthenticatorData) -> AttestedCredentialData:
    if data.credential_data is None:
        raise NotProven("there is no credential in it")
    return data.credential_data


def _handle(user: User) -> bytes:
    return str(user.pk).encode()


def _content(text: str) -> dict[str, Any]:
    content = json.loads(text) if len(text) <= LONGEST else None
    if not isinstance(content, dict):
        raise NotProven("the credential is no JSON object")
    return content


def _check_client(client: CollectedClientData) -> None:
    if client.cross_origin:
        raise NotProven("asked for inside a page of somebody else")


def _check_owner(user: User, handle: bytes | None) -> None:
    if handle is not None and handle != _handle(user):
        raise NotProven("the passkey is somebody else's")


def _check_key(credential: AttestedCredentialData, *, named: bytes) -> None:
    if credential.public_key.get(3) not in ALGORITHMS:
        raise NotProven("the key is of a kind that was not asked for")
    if credential.credential_id != named:
        raise NotProven("the credential has two names")
