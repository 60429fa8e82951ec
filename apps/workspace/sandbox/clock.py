"""A server whose clock each request sets: a scenario plays two weeks in a second, on any calendar day."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

HEADER = "HTTP_X_SANDBOX_NOW"
_told: ContextVar[datetime | None] = ContextVar("sandbox_now", default=None)


def now() -> datetime:
    """What the request in hand says, else the machine's clock."""
    return _told.get() or datetime.now(UTC)  # noqa: TID251 — this is the clock


def told(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def with_told_clock(application: Application) -> Application:
    """``application`` with ``timezone.now`` as each request's X-Sandbox-Now has it."""
    timezone.now = now  # noqa: TID251 — the one place that sets it

    def serve(environ: Environ, start_response: Any) -> Iterable[bytes]:
        token = _told.set(told(environ.get(HEADER, "")))
        try:
            return application(environ, start_response)
        finally:
            _told.reset(token)

    return serve
