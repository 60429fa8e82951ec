"""How much one phone may ask. Source: RateLimit header fields (IETF draft); buckets in a real Valkey."""

import uuid

import pytest
from django.conf import LazySettings
from django.test import Client
from rest_framework.request import Request

from apps.diary.throttling import REST_SECONDS, Allowance, Rate, client_address, rate_of, take
from apps.trials.models import StimulationTrial
from config.embedded.valkey import Valkey
from tests.apps.diary.phone import Phone, refusal
from tests.factories import make_device, make_entry_body
from tests.faults.processes import wait_until


def fresh() -> str:
    return f"test:{uuid.uuid4()}"


@pytest.fixture(autouse=True)
def asked_again() -> None:
    """Where another test has killed Valkey, it is left alone for a while."""
    wait_until(lambda: take(Rate("test", 1, 1), whose=fresh()) is not None, within=2 * REST_SECONDS)


def test_a_bucket_gives_what_it_holds_and_says_when_to_come_again() -> None:
    rate, whose = Rate("device", 3, 300), fresh()

    taken = [take(rate, whose=whose) for _ in range(5)]

    assert [one.remaining for one in taken if one] == [2, 1, 0, 0, 0]
    waits = [one.retry_after for one in taken if one]
    assert waits[:3] == [0, 0, 0]
    # One comes in 300 / 3 s; what trickled in since may shorten it by a second or two.
    assert all(300 / 3 - 10 <= wait <= 300 / 3 for wait in waits[3:])


def test_one_bucket_is_not_anothers() -> None:
    rate = Rate("device", 1, 300)
    first, second = fresh(), fresh()
    take(rate, whose=first)

    mine, theirs = take(rate, whose=first), take(rate, whose=second)

    assert mine is not None
    assert theirs is not None
    assert (mine.retry_after > 0, theirs.retry_after) == (True, 0)


def test_headers_name_the_policy_and_what_is_left() -> None:
    rate = Rate("device", 120, 60)

    assert rate.policy == '"device";q=120;w=60'
    # 30 are gone, and come back at 120 in 60 s.
    assert Allowance(rate, remaining=90, retry_after=0).header == '"device";r=90;t=15'


def test_limits_are_read_as_number_and_seconds(settings: LazySettings) -> None:
    settings.RATE_LIMITS = {"device": "7/11"}

    assert rate_of("device") == Rate("device", 7, 11)


@pytest.mark.django_db
def test_a_phone_over_its_limit_is_told_when_to_come_again_and_its_answer_is_not_lost(
    trial: StimulationTrial, settings: LazySettings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"device": "2/600"}
    device, token = make_device(trial)
    phone, entry_id, body = Phone(token), str(uuid.uuid4()), make_entry_body()
    take(Rate("device", 2, 600), whose=str(device.pk))

    first = phone.entry(body, entry_id=entry_id)
    refused = phone.entry(body, entry_id=entry_id)
    other = Phone(make_device(trial)[1]).entry(make_entry_body())

    assert (first.status_code, first["RateLimit-Policy"]) == (201, '"device";q=2;w=600')
    assert first["RateLimit"].startswith('"device";r=0;t=')
    assert refusal(refused)[:2] == (429, "too_many_requests")
    assert 0 < int(refused["Retry-After"]) <= 600 / 2
    assert other.status_code == 201


@pytest.mark.django_db
def test_without_redis_everything_is_let_through(phone: Phone, embedded_valkey: Valkey) -> None:
    embedded_valkey.kill()

    sent = phone.entry(make_entry_body())

    assert sent.status_code == 201
    assert "RateLimit" not in sent


FORWARDED = [
    # behind a proxy, X-Forwarded-For, address
    (False, "203.0.113.9", "127.0.0.1"),
    (True, "203.0.113.9", "203.0.113.9"),
    (True, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
    (True, "198.51.100.1,", "127.0.0.1"),
    (True, "", "127.0.0.1"),
    (True, "x" * 5000, "x" * 64),
]


@pytest.mark.parametrize(("behind", "header", "address"), FORWARDED)
def test_only_the_nearest_hop_of_our_own_proxy_is_believed(
    settings: LazySettings, behind: bool, header: str, address: str
) -> None:
    settings.BEHIND_PROXY = behind
    request = Request(Client().get("/livez", headers={"X-Forwarded-For": header}).wsgi_request)

    assert client_address(request) == address
