"""The sandbox's server takes the time from the request, and only a sandbox does."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.workspace.sandbox.clock import HEADER, now, with_told_clock

LEAP_DAY = "2028-02-29T18:00:00.250Z"


def machine() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def service() -> Iterator[Any]:
    """An application that answers with the service's own clock."""
    before = timezone.now

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return [timezone.now().isoformat().encode()]

    yield with_told_clock(application)
    timezone.now = before


def asked(service: Any, **environ: str) -> datetime:
    (body,) = service(environ, None)
    return datetime.fromisoformat(body.decode())


def test_a_request_sets_the_clock_for_itself_alone(service: Any) -> None:
    assert asked(service, **{HEADER: LEAP_DAY}) == datetime(2028, 2, 29, 18, 0, 0, 250_000, tzinfo=UTC)
    assert abs(asked(service) - machine()) < timedelta(seconds=60)


@pytest.mark.parametrize("text", ["", "soon", "2028-02-29T18:00:00", "2028-02-30T18:00:00Z"])
def test_what_is_no_instant_leaves_the_clock_alone(text: str, service: Any) -> None:
    assert abs(asked(service, **{HEADER: text}) - machine()) < timedelta(seconds=60)


def test_the_clock_is_right_again_after_a_request_that_failed(service: Any) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise RuntimeError(now().isoformat())

    with pytest.raises(RuntimeError, match="2028-02-29"):
        with_told_clock(broken)({HEADER: LEAP_DAY}, None)

    assert abs(now() - machine()) < timedelta(seconds=60)


def test_the_service_itself_knows_no_such_header(client: Any) -> None:
    reply = client.get("/api/v1/diary/today", headers={"X-Sandbox-Now": LEAP_DAY})

    assert reply.status_code == 401
    assert timezone.now is not now
