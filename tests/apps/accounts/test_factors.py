"""Password and second factor at a signature, with the codes that a real app shows at the instant given."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.enrolling import enrol, remove_factor
from apps.accounts.factors import (
    IDLE,
    LOCKED_FOR,
    MOST_WRONG,
    LockedOut,
    NoFactor,
    WrongCredentials,
    code_at,
    has_factor,
    reauthenticate,
)
from apps.accounts.models import Clinic, SigningAccess, User
from apps.audit.models import AuditEvent
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)
#: RFC 6238 (2011), appendix B, the secret of its SHA-1 table: "12345678901234567890".
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
STEP = timedelta(seconds=30)


@pytest.fixture
def codes(clinician: User) -> list[str]:
    """Recovery codes of a clinician whose app was set up an hour ago."""
    before = AT - timedelta(hours=1)
    return enrol(clinician, secret=SECRET, code=code_at(SECRET, before), at=before)


def given(user: User, code: str, *, password: str = PASSWORD) -> dict[str, str]:
    return {"username": user.get_username(), "password": password, "code": code}


@pytest.mark.parametrize(
    ("seconds", "code"),
    # The last six digits of the eight that the table prints.
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(SECRET, datetime.fromtimestamp(seconds, UTC)) == code


def test_password_and_code_together_are_taken(clinician: User, codes: list[str]) -> None:
    factors = reauthenticate(clinician, given(clinician, code_at(SECRET, AT)), full=True, at=AT)

    assert factors == ("password", "totp")


def test_a_code_counts_once(clinician: User, codes: list[str]) -> None:
    right = given(clinician, code_at(SECRET, AT))
    reauthenticate(clinician, right, full=True, at=AT)

    with pytest.raises(WrongCredentials):
        reauthenticate(clinician, right, full=True, at=AT)


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_either_side_is_taken(clinician: User, codes: list[str], steps: int, taken: bool) -> None:
    tried = given(clinician, code_at(SECRET, AT + steps * STEP))

    if taken:
        assert reauthenticate(clinician, tried, full=True, at=AT)
    else:
        with pytest.raises(WrongCredentials):
            reauthenticate(clinician, tried, full=True, at=AT)


def test_a_recovery_code_counts_once(clinician: User, codes: list[str]) -> None:
    assert len(set(codes)) == 10
    spare = given(clinician, codes[3])

    assert reauthenticate(clinician, spare, full=True, at=AT) == ("password", "recovery_code")
    with pytest.raises(WrongCredentials):
        reauthenticate(clinician, spare, full=True, at=AT)


def test_neither_factor_alone_is_enough(clinician: User, codes: list[str]) -> None:
    for wrong in (given(clinician, ""), given(clinician, code_at(SECRET, AT), password="wrong")):
        with pytest.raises(WrongCredentials):
            reauthenticate(clinician, wrong, full=True, at=AT)


def test_the_name_must_be_the_one_who_is_signed_in(clinician: User, codes: list[str]) -> None:
    wrong = given(clinician, code_at(SECRET, AT)) | {"username": "coordinator"}

    with pytest.raises(WrongCredentials):
        reauthenticate(clinician, wrong, full=True, at=AT)
    assert AuditEvent.objects.filter(action="wrong_signing").count() == 1


def test_later_in_the_session_the_password_is_enough(clinician: User, codes: list[str]) -> None:
    assert reauthenticate(clinician, {"password": PASSWORD}, full=False, at=AT) == ("password",)
    assert timedelta(minutes=15) == IDLE


def test_without_a_second_factor_nobody_signs_for_the_first_time(clinician: User) -> None:
    with pytest.raises(NoFactor):
        reauthenticate(clinician, given(clinician, "000000"), full=True, at=AT)


def test_the_fifth_wrong_try_locks_and_the_right_one_does_not_open(clinician: User, codes: list[str]) -> None:
    for _ in range(MOST_WRONG - 1):
        with pytest.raises(WrongCredentials):
            reauthenticate(clinician, {"password": "wrong"}, full=False, at=AT)
    with pytest.raises(LockedOut) as fifth:
        reauthenticate(clinician, {"password": "wrong"}, full=False, at=AT)
    with pytest.raises(LockedOut) as after:
        reauthenticate(clinician, given(clinician, code_at(SECRET, AT)), full=True, at=AT)

    assert (fifth.value.is_new, after.value.is_new) == (True, False)
    assert AuditEvent.objects.filter(action="lock_signing").count() == 1
    later = AT + LOCKED_FOR
    assert reauthenticate(clinician, given(clinician, code_at(SECRET, later)), full=True, at=later)
    assert SigningAccess.objects.get(user=clinician).wrong_tries == 0


# fmt: off
TRIES = [
    # minutes of the wrong tries        at which of them the site admins are to be told
    ([0, 1],                            []),
    ([0, 1, 2],                         [2]),
    ([0, 1, 2, 3],                      [2]),
    ([0, 1, 2, 3, 4],                   [2]),
    # Three within an hour, and no longer.
    ([0, 30, 60],                       []),
    ([0, 30, 59],                       [59]),
    # Again after an hour; the fifth try, at 4, locks for half an hour.
    ([0, 1, 2, 3, 4, 40, 61],           [2]),
    ([0, 1, 2, 3, 4, 40, 61, 62],       [2, 62]),
]
# fmt: on


@pytest.mark.parametrize(("minutes", "told"), TRIES)
def test_the_third_wrong_try_within_an_hour_is_alarming_once_an_hour(
    clinician: User, codes: list[str], minutes: list[int], told: list[int]
) -> None:
    alarming = []
    for minute in minutes:
        at = AT + timedelta(minutes=minute)
        with pytest.raises(WrongCredentials) as refused:
            reauthenticate(clinician, given(clinician, "000000"), full=True, at=at)
        if refused.value.is_alarming:
            alarming.append(minute)

    assert alarming == told
    assert AuditEvent.objects.filter(action="tell_wrong_signing").count() == len(told)


def test_the_secret_is_not_stored_in_clear(clinician: User, codes: list[str]) -> None:
    stored = [str(row.data) for row in Authenticator.objects.all()]

    assert len(stored) == 2
    assert not any(SECRET in text or codes[0] in text for text in stored)


def test_a_factor_is_set_up_once_and_with_the_code_it_shows(clinician: User) -> None:
    with pytest.raises(WrongCredentials):
        enrol(clinician, secret=SECRET, code="000000", at=AT)
    assert not has_factor(clinician)
    enrol(clinician, secret=SECRET, code=code_at(SECRET, AT), at=AT)
    with pytest.raises(WrongCredentials):
        enrol(clinician, secret=SECRET, code=code_at(SECRET, AT + STEP), at=AT + STEP)


def test_a_factor_that_was_removed_signs_nothing(clinic: Clinic, clinician: User, codes: list[str]) -> None:
    remove_factor(clinician, by="staff:1", at=AT, reason="the phone was lost")

    with pytest.raises(NoFactor):
        reauthenticate(clinician, given(clinician, code_at(SECRET, AT)), full=True, at=AT)


def test_a_lost_factor_is_removed_after_a_site_admin_and_a_witness_know_who_asks(
    clinician: User, codes: list[str], site_admin: User, coordinator: User
) -> None:
    who = {"proofed_by": "site_admin", "witness": "coordinator", "reason": "the phone was lost"}

    call_command("remove_factor", "clinician", **who, stdout=StringIO())

    assert not has_factor(clinician)
    event = AuditEvent.objects.get(action="remove_factor")
    assert (event.actor, event.reason) == (
        f"staff:{site_admin.pk}",
        f"the phone was lost (witness: staff:{coordinator.pk})",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"proofed_by": "coordinator", "witness": "site_admin"},
        {"witness": "site_admin"},
        {"witness": "clinician"},
        {"witness": "stranger"},
        {"reason": "lost"},
    ],
)
def test_a_lost_factor_stays_while_one_of_the_three_is_not_there(
    clinician: User,
    codes: list[str],
    site_admin: User,
    coordinator: User,
    stranger: User,
    wrong: dict[str, str],
) -> None:
    who = {"proofed_by": "site_admin", "witness": "coordinator", "reason": "the phone was lost"} | wrong

    with pytest.raises(CommandError):
        call_command("remove_factor", "clinician", **who, stdout=StringIO())
    assert has_factor(clinician)
