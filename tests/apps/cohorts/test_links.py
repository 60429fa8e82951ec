"""A link ends by the second, never outlives its key, and holds nothing about a patient."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.signing import Signer

from apps.accounts.keys import issue_key
from apps.accounts.models import ApiKey, User
from apps.cohorts.links import BadLink, Link, LinkExpired, make_link, open_link

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def key(analyst: User) -> ApiKey:
    return issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=AT).row


def linked(key: ApiKey, *, minutes: int = 60) -> Link:
    return make_link(key, snapshot_id="2026-11-02-0", table="daily", kind="csv", minutes=minutes, at=AT)[0]


def test_it_opens_what_was_sealed(key: ApiKey) -> None:
    link = linked(key)

    assert open_link(link.seal(), at=AT) == (link, key)


@pytest.mark.parametrize(("seconds", "opens"), [(0, True), (60 * 60 - 1, True), (60 * 60, False)])
def test_an_hour_is_an_hour(key: ApiKey, seconds: int, opens: bool) -> None:
    sealed = linked(key).seal()
    if opens:
        open_link(sealed, at=AT + timedelta(seconds=seconds))
    else:
        with pytest.raises(LinkExpired):
            open_link(sealed, at=AT + timedelta(seconds=seconds))


def test_it_never_outlives_its_key(key: ApiKey) -> None:
    _, ends = make_link(
        key, snapshot_id="s", table="daily", kind="csv", minutes=24 * 60, at=AT + timedelta(days=6, hours=20)
    )

    assert ends == key.expires_at == AT + timedelta(days=7)


@pytest.mark.parametrize("text", ["", ".", "a.b", "x" * 5000, "\ud800", "W10.abc"])
def test_another_text_is_no_link(db: None, text: str) -> None:
    with pytest.raises(BadLink):
        open_link(text, at=AT)


def test_one_that_another_key_made_for_another_service_is_no_link(key: ApiKey) -> None:
    other = Signer(sep=".", salt="another").sign_object([key.pk, "s", "daily", "csv", 2**40])

    with pytest.raises(BadLink):
        open_link(other, at=AT)
