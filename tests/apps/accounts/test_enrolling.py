"""Setting up and removing second factors; the app's part stands in test_factors.py."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.ceremony import Challenge, Presented, microseconds
from apps.accounts.enrolling import enrol, enrol_passkey, remove_factor, remove_passkey
from apps.accounts.factors import WrongCredentials, code_at, factors_of, has_app, has_factor
from apps.accounts.models import Clinic, User
from apps.accounts.passkeys import MOST, options_to_make, passkeys_of
from apps.audit.models import AuditEvent
from tests.factories.authenticator import SoftAuthenticator

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
MAKE = {"path": "/made/"}


def add(user: User, name: str, *, minute: int = 0, known: list[int] | None = None) -> list[str]:
    at = AT + timedelta(minutes=minute)
    challenge = Challenge("00" * 32, microseconds(at))
    answer = SoftAuthenticator().make(options_to_make(user, challenge.bytes_for(MAKE)))
    known = factors_of(user) if known is None else known
    return enrol_passkey(user, Presented(answer, challenge, MAKE), name=name, known=known, at=at)


def names(user: User) -> list[str]:
    return [passkey.name for passkey in passkeys_of(user)]


def test_the_first_factor_comes_with_recovery_codes_and_the_next_ones_keep_them(clinician: User) -> None:
    first = add(clinician, "laptop")

    assert len(set(first)) == 10
    assert add(clinician, "blue key", minute=1) == []
    assert enrol(clinician, secret=SECRET, code=code_at(SECRET, AT), at=AT) == []
    assert names(clinician) == ["laptop", "blue key"]
    assert has_app(clinician)


def test_an_app_comes_first_as_well(clinician: User) -> None:
    assert len(enrol(clinician, secret=SECRET, code=code_at(SECRET, AT), at=AT)) == 10
    assert add(clinician, "laptop") == []


def test_each_stands_in_the_trail_of_the_persons_clinic(clinician: User, clinic: Clinic) -> None:
    add(clinician, "laptop")
    add(clinician, "key", minute=1)
    remove_passkey(clinician, passkeys_of(clinician)[0].pk, at=AT)

    events = AuditEvent.objects.filter(object_type="user", clinic_id=clinic.pk).order_by("pk")
    assert [(event.action, event.detail["passkey"]) for event in events] == [
        ("enrol_passkey", "laptop"),
        ("enrol_passkey", "key"),
        ("remove_passkey", "laptop"),
    ]


@pytest.mark.parametrize("name", ["laptop", "LAPTOP"])
def test_two_passkeys_of_a_person_have_two_names(clinician: User, coordinator: User, name: str) -> None:
    add(clinician, "laptop")

    with pytest.raises(WrongCredentials, match="Choose another name"):
        add(clinician, name, minute=1)
    assert add(coordinator, name), "of another person they may be the same"


def test_ten_are_the_most(clinician: User) -> None:
    for minute in range(MOST):
        add(clinician, f"key {minute}", minute=minute)

    with pytest.raises(WrongCredentials, match="10 passkeys are the most"):
        add(clinician, "one more", minute=MOST)


def test_a_factor_that_came_in_between_stops_who_was_asked_before_it(clinician: User) -> None:
    """Else a stolen password alone, given before the first factor was there, would add one after it."""
    before = factors_of(clinician)
    enrol(clinician, secret=SECRET, code=code_at(SECRET, AT), at=AT)

    with pytest.raises(WrongCredentials, match="changed meanwhile"):
        add(clinician, "laptop", known=before)
    assert names(clinician) == []


def test_the_last_factor_is_not_removed_by_its_owner(clinician: User) -> None:
    add(clinician, "laptop")

    with pytest.raises(WrongCredentials, match="only second factor"):
        remove_passkey(clinician, passkeys_of(clinician)[0].pk, at=AT)
    assert names(clinician) == ["laptop"]


def test_a_passkey_beside_another_factor_is_removed(clinician: User) -> None:
    add(clinician, "laptop")
    enrol(clinician, secret=SECRET, code=code_at(SECRET, AT), at=AT)

    assert remove_passkey(clinician, passkeys_of(clinician)[0].pk, at=AT) == "laptop"
    assert (names(clinician), has_factor(clinician)) == ([], True)


def test_the_operator_removes_all_of_them(clinician: User) -> None:
    add(clinician, "laptop")

    remove_factor(clinician, by="staff:1", at=AT, reason="the laptop was lost")

    assert (names(clinician), has_factor(clinician)) == ([], False)
