"""How much one phone may ask: a bucket in Redis, told with each answer, and never a reason to fail."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry
from apps.diary.throttling import LINE, Rate, _Rest, take
from config.embedded.valkey import Valkey
from tests.factories import make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    """No test inherits the rest that another's dead Redis was given."""
    _Rest.until = 0.0
    yield
    _Rest.until = 0.0


@pytest.fixture
def token(clinic: Clinic) -> str:
    return make_device(make_trial(clinic=clinic), at=timezone.now())[1]


def somebody() -> str:
    return uuid.uuid4().hex


def put(token: str) -> Any:
    return Client().put(
        f"/api/v1/diary/entries/{uuid.uuid4()}",
        json.dumps(make_entry_body()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_each_request_takes_one_until_none_is_left() -> None:
    rate, whose = Rate("test", 3, 600), somebody()

    allowances = [take(rate, whose=whose) for _ in range(4)]

    assert [found and found.remaining for found in allowances] == [2, 1, 0, 0]
    # One of 3 comes back in 600 / 3 seconds, and hardly any time has gone by.
    assert [found and found.retry_after for found in allowances] == [0, 0, 0, 600 // 3]


def test_buckets_are_apart() -> None:
    rate = Rate("test", 1, 600)

    assert [take(rate, whose=somebody()) for _ in range(2)] == [take(rate, whose=somebody())] * 2


def test_a_phone_is_told_what_is_left_and_then_when_to_come_again(token: str, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"device": "2/600"}

    answers = [put(token) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    # Full again after as many 600 / 2 seconds as are missing.
    assert [answer["RateLimit"] for answer in answers] == [
        '"device";r=1;t=300',
        '"device";r=0;t=600',
        '"device";r=0;t=600',
    ]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"device";q=2;w=600'}
    assert 0 < int(answers[-1]["Retry-After"]) <= 600 // 2
    assert answers[-1].json()["code"] == "too_many_requests"
    assert DiaryEntry.objects.count() == 2


def test_without_redis_everything_is_let_through(token: str, embedded_valkey: Valkey) -> None:
    embedded_valkey.kill()

    answer = put(token)

    assert answer.status_code == 201
    assert not answer.has_header("RateLimit")


def test_a_redis_that_was_restarted_is_asked_at_once(embedded_valkey: Valkey) -> None:
    """The kept connection is dead and the script is not known any more: neither is seen from outside."""
    rate = Rate("test", 3, 600)
    assert take(rate, whose=somebody())
    assert LINE.connection is not None
    embedded_valkey.kill()
    embedded_valkey.start()

    found = take(rate, whose=somebody())

    assert found is not None
    assert found.remaining == 2
