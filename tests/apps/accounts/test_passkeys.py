"""Passkeys as a second factor: what an authenticator signs for this person, this request, once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec

from apps.accounts.ceremony import LASTS, Challenge, Presented, microseconds
from apps.accounts.enrolling import enrol_passkey
from apps.accounts.factors import PASSKEY, PASSWORD, WrongCredentials, factors_of, reauthenticate
from apps.accounts.models import SigningAccess, User
from apps.accounts.passkeys import options_to_make, options_to_prove, passkeys_of
from apps.audit.models import AuditEvent
from tests.factories.authenticator import FLAG, SoftAuthenticator
from tests.factories.staff import PASSWORD as WORDS

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SIGN = {"path": "/staff/trials/7/sign/", "fields": {"shown": ["sha256:0"], "choice": ["implant"]}}
MAKE = {"path": "/staff/second-factor/passkeys/made/", "fields": {}}


@dataclass
class Owner:
    """A person with a passkey, and what their browser does."""

    user: User
    device: SoftAuthenticator = field(default_factory=SoftAuthenticator)
    clock: datetime = AT

    def enrol(self, name: str = "laptop", **lies: Any) -> list[str]:
        challenge = self.challenge()
        answer = self.device.make(options_to_make(self.user, challenge.bytes_for(MAKE)), **lies)
        presented = Presented(answer, challenge, MAKE)
        return enrol_passkey(
            self.user, presented, name=name, known=factors_of(self.user), at=self.clock + SECOND
        )

    def challenge(self) -> Challenge:
        self.clock += timedelta(seconds=2)
        return Challenge("00" * 32, microseconds(self.clock))

    def presented(self, device: SoftAuthenticator | None = None, **lies: Any) -> Presented:
        challenge = self.challenge()
        options = options_to_prove(self.user, challenge.bytes_for(SIGN))
        return Presented((device or self.device).prove(options, **lies), challenge, SIGN)

    def give(self, presented: Presented, *, after: timedelta = SECOND) -> tuple[str, ...]:
        return reauthenticate(
            self.user,
            {"username": self.user.get_username(), "password": WORDS},
            full=True,
            at=self.clock + after,
            passkey=presented,
        )


@pytest.fixture
def owner(clinician: User) -> Owner:
    made = Owner(clinician)
    made.enrol()
    return made


def test_password_and_passkey_together_are_taken(owner: Owner) -> None:
    assert owner.give(owner.presented()) == (PASSWORD, PASSKEY)
    (passkey,) = passkeys_of(owner.user)
    assert (passkey.name, passkey.last_used_at) == ("laptop", owner.clock + SECOND)


def test_the_browser_is_asked_for_what_identifies_the_person(clinician: User) -> None:
    asked = options_to_make(clinician, b"0" * 32)

    assert asked["rp"] == {"id": "testserver", "name": "sctrial"}
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8, -257]  # ES256, EdDSA, RS256
    assert options_to_prove(clinician, b"0" * 32) == {}, "nothing to ask a device for before the first one"


def test_the_wrong_password_is_refused_whatever_the_passkey_says(owner: Owner) -> None:
    wrong = {"username": owner.user.get_username(), "password": "wrong"}

    with pytest.raises(WrongCredentials):
        reauthenticate(owner.user, wrong, full=True, at=owner.clock, passkey=owner.presented())


# fmt: off
LIES: list[tuple[str, dict[str, Any]]] = [
    ("another site asked",                {"origin": "https://testserver.example.org"}),
    ("another scheme of the same site",   {"origin": "https://testserver"}),
    ("inside a frame of another site",    {"cross_origin": True}),
    ("made for another relying party",    {"rp_id": "example.org"}),
    ("the person was not verified",       {"flags": FLAG.UP}),
    ("nobody touched it",                 {"flags": FLAG.UV}),
    ("another challenge",                 {"challenge": b"1" * 32}),
    ("signed for making, not for using",  {"type": "webauthn.create"}),
    ("another key signed",                {"key": ec.generate_private_key(ec.SECP256R1())}),
    ("the handle of another person",      {"handle": b"0"}),
]
# fmt: on


@pytest.mark.parametrize(("what", "lie"), LIES, ids=[what for what, _ in LIES])
def test_a_lie_is_refused_and_the_truth_is_taken_after_it(
    owner: Owner, what: str, lie: dict[str, Any]
) -> None:
    with pytest.raises(WrongCredentials):
        owner.give(owner.presented(**lie))

    assert owner.give(owner.presented()) == (PASSWORD, PASSKEY)


@pytest.mark.parametrize(
    "asked",
    [
        SIGN | {"path": "/staff/trials/8/sign/"},
        SIGN | {"path": "/staff/trials/7/reopen/"},
        SIGN | {"fields": {"shown": ["sha256:1"], "choice": ["implant"]}},
        SIGN | {"fields": {"shown": ["sha256:0"], "choice": ["no_implant"]}},
    ],
)
def test_what_was_signed_for_one_request_fits_no_other(owner: Owner, asked: dict[str, object]) -> None:
    signed = owner.presented()

    with pytest.raises(WrongCredentials):
        owner.give(Presented(signed.credential, signed.challenge, asked))


def test_a_challenge_counts_once(owner: Owner) -> None:
    signed = owner.presented()
    owner.give(signed)

    with pytest.raises(WrongCredentials):
        owner.give(signed)


def test_a_challenge_of_another_session_does_not_fit(owner: Owner) -> None:
    signed = owner.presented()

    with pytest.raises(WrongCredentials):
        owner.give(Presented(signed.credential, Challenge("11" * 32, signed.challenge.issued), SIGN))


@pytest.mark.parametrize(("after", "taken"), [(LASTS - SECOND, True), (LASTS, False), (-SECOND, False)])
def test_a_challenge_lasts_five_minutes(owner: Owner, after: timedelta, taken: bool) -> None:
    signed = owner.presented()

    if taken:
        assert owner.give(signed, after=after)
    else:
        with pytest.raises(WrongCredentials):
            owner.give(signed, after=after)


def test_a_passkey_of_somebody_else_is_refused(owner: Owner, coordinator: User) -> None:
    other = Owner(coordinator)
    other.enrol("theirs")

    with pytest.raises(WrongCredentials):
        owner.give(owner.presented(other.device))


# What the counter said last, what it says now, and whether that is taken (WebAuthn Level 3, section 7.2).
COUNTS = [
    (5, 6, True),
    (5, 99, True),
    (5, 5, False),
    (5, 4, False),
    (5, 0, False),
    (0, 0, True),
    (0, 1, True),
]


@pytest.mark.parametrize(("kept", "said", "taken"), COUNTS)
def test_a_counter_that_stands_or_goes_back_sets_the_passkey_aside(
    clinician: User, kept: int, said: int, taken: bool
) -> None:
    owner = Owner(clinician)
    owner.enrol(count=kept)
    signed = owner.presented(count=said)

    if taken:
        assert owner.give(signed) == (PASSWORD, PASSKEY)
        return
    with pytest.raises(WrongCredentials):
        owner.give(signed)
    event = AuditEvent.objects.get(action="suspect_passkey")
    assert event.detail == {"passkey": "laptop", "counter_kept": kept, "counter_given": said}
    assert passkeys_of(clinician)[0].looks_copied
    assert options_to_prove(clinician, b"0" * 32) == {}


def test_what_looks_copied_signs_nothing_more_even_with_a_right_count(owner: Owner) -> None:
    later = owner.presented(count=7)
    with pytest.raises(WrongCredentials):
        owner.give(owner.presented(count=1))

    with pytest.raises(WrongCredentials):
        owner.give(Presented(later.credential, owner.challenge(), SIGN))


def test_a_wrong_passkey_counts_as_a_wrong_try(owner: Owner) -> None:
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            owner.give(owner.presented(flags=FLAG.UP))

    assert SigningAccess.objects.get(user=owner.user).locked_until is not None
    with pytest.raises(WrongCredentials, match="Locked"):
        owner.give(owner.presented())


@pytest.mark.parametrize(("what", "lie"), LIES[:8], ids=[what for what, _ in LIES[:8]])
def test_a_lie_makes_no_passkey(clinician: User, what: str, lie: dict[str, Any]) -> None:
    lie = {"type": "webauthn.get"} if "type" in lie else lie

    with pytest.raises(WrongCredentials):
        Owner(clinician).enrol(**lie)
    assert not Authenticator.objects.exists()


def test_a_passkey_is_kept_once_by_whomever(owner: Owner, coordinator: User) -> None:
    with pytest.raises(WrongCredentials):
        owner.enrol("again")
    with pytest.raises(WrongCredentials):
        Owner(coordinator, device=owner.device).enrol("mine now")


def test_nothing_that_a_browser_adds_is_kept(owner: Owner) -> None:
    row = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN)

    assert sorted(row.data["credential"]) == ["id", "rawId", "response", "type"]
    assert sorted(row.data["credential"]["response"]) == ["attestationObject", "clientDataJSON"]
