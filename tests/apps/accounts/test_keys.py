"""A key is told once, known by its digest, good until its day, dead when revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from apps.accounts.keys import digest_of, find_key, issue_key, keys_in, revoke_key
from apps.accounts.models import ApiKey, Clinic, User
from apps.audit.models import AuditEvent

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
READ = ["snapshots.read"]


def test_the_key_is_told_once_and_only_its_digest_is_kept(analyst: User) -> None:
    made = issue_key(analyst, name="R", scopes=READ, days=30, at=AT)

    stored = str(list(ApiKey.objects.values()))
    assert made.token.startswith(f"sctrial_{made.row.prefix}_")
    assert made.token not in stored
    assert made.token.removeprefix(f"sctrial_{made.row.prefix}_") not in stored
    assert made.row.token_sha256 == digest_of(made.token)


@pytest.mark.parametrize(
    ("after", "is_found"),
    [
        (timedelta(0), True),
        (timedelta(days=7) - timedelta(seconds=1), True),
        (timedelta(days=7), False),
        (timedelta(days=400), False),
    ],
)
def test_a_key_for_seven_days_is_good_for_seven_days(analyst: User, after: timedelta, is_found: bool) -> None:
    made = issue_key(analyst, name="R", scopes=READ, days=7, at=AT)

    assert (find_key(made.token, at=AT + after) is not None) is is_found


def test_a_revoked_key_is_refused_at_once_and_revoked_once(analyst: User) -> None:
    made = issue_key(analyst, name="R", scopes=READ, days=30, at=AT)

    assert revoke_key(made.row, by=analyst, at=AT)
    assert find_key(made.token, at=AT) is None
    assert not revoke_key(made.row, by=analyst, at=AT)
    assert list(AuditEvent.objects.order_by("id").values_list("action", flat=True)) == ["create", "revoke"]


def test_the_key_of_an_account_that_was_closed_is_refused(analyst: User) -> None:
    made = issue_key(analyst, name="R", scopes=READ, days=30, at=AT)
    User.objects.filter(pk=analyst.pk).update(is_active=False)

    assert find_key(made.token, at=AT) is None


@pytest.mark.parametrize("other", ["", "sctrial_", "sctrial_00000000_x", "\ud800"])
def test_another_text_finds_nothing(analyst: User, other: str) -> None:
    issue_key(analyst, name="R", scopes=READ, days=30, at=AT)

    assert find_key(other, at=AT) is None


def test_the_last_use_is_noted_to_the_minute(analyst: User) -> None:
    made = issue_key(analyst, name="R", scopes=READ, days=30, at=AT)
    seen = []
    for seconds in (10, 30, 69, 70):
        find_key(made.token, at=AT + timedelta(seconds=seconds))
        seen.append(ApiKey.objects.get().last_used_at)

    assert seen == [AT + timedelta(seconds=seconds) for seconds in (10, 10, 10, 70)]


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 30), (["sign"], 30), (["snapshots.read", "decide"], 30), (READ, 0), (READ, 366)]
)
def test_a_key_without_a_scope_with_an_unknown_one_or_for_ever_is_not_made(
    analyst: User, scopes: list[str], days: int
) -> None:
    with pytest.raises(ValueError, match="a key has"):
        issue_key(analyst, name="R", scopes=scopes, days=days, at=AT)


@pytest.mark.parametrize(
    ("scopes", "lasts"), [(READ, timedelta(0)), (READ, timedelta(days=367)), ([], timedelta(days=1))]
)
def test_the_database_keeps_no_key_for_ever_and_none_for_nothing(
    analyst: User, scopes: list[str], lasts: timedelta
) -> None:
    facts = {"user": analyst, "prefix": "0", "token_sha256": "0", "scopes": scopes}

    with pytest.raises(IntegrityError):
        ApiKey.objects.create(**facts, created_at=AT, expires_at=AT + lasts)


def test_a_clinics_keys_are_those_of_its_people(
    clinic: Clinic, other_clinic: Clinic, analyst: User, stranger: User
) -> None:
    own = issue_key(analyst, name="R", scopes=READ, days=30, at=AT).row
    issue_key(stranger, name="R", scopes=READ, days=30, at=AT)

    assert list(keys_in(frozenset({clinic.pk}))) == [own]
    assert list(keys_in(frozenset())) == []
