"""The true time of a scenario: set at its steps, and going on from there as any clock does."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """What the sandbox's server takes for now, and what a phone with a right clock shows."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def set(self, at: datetime) -> None:
        self._start = at.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        at, started = self._start
        return at + timedelta(seconds=time.monotonic() - started)


def text_of(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
