"""When a diary is open: the windows of a day, where in them an answer belongs, and how timely it is.

All of it is wall-clock arithmetic: a window opens at six in the evening wherever the patient is, on a day
of 23, 24 or 25 hours alike. The zone that turns an instant into a wall clock is the caller's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

DAY_MINUTES: Final = 24 * 60
#: Begun in time and finished a little later is still this evening's answer. A default of this project,
#: after what sites ask of electronic diaries; no study sets the number.
GRACE: Final = timedelta(minutes=15)
MOST_WINDOWS: Final = 6

_SPAN: Final = re.compile(r"([0-9]{2}):([0-5][0-9])-([0-9]{2}):([0-5][0-9])", re.ASCII)
_EXAMPLES: Final = '"18:00-24:00", or "07:00-10:00, 18:00-24:00", or nothing for any time'


class UnknownSchedule(ValueError):
    """Text that names no schedule; the message says what may be written."""


class Outside(StrEnum):
    """Why an answer belongs to no window."""

    NOT_OPEN = "window_not_open"
    CLOSED = "window_closed"


class OutsideWindow(ValueError):
    """A moment at which the diary is closed; ``why`` says on which side."""

    def __init__(self, why: Outside, message: str) -> None:
        super().__init__(message)
        self.why = why


class Timeliness(StrEnum):
    """How an answer stands to its window."""

    ON_TIME = "on_time"
    #: Begun in the window, finished at most 15 minutes after it.
    GRACE = "grace"
    #: Given on the following diary day.
    LATE = "late"


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """Minutes after midnight of the diary day, the last excluded; past 1440 is the next morning."""

    opens: int
    closes: int

    def times_on(self, day: date) -> tuple[datetime, datetime]:
        """Wall clock at which the window of ``day`` opens and closes."""
        midnight = datetime.combine(day, time())
        return midnight + timedelta(minutes=self.opens), midnight + timedelta(minutes=self.closes)

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes, is_end=True)}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs; ``window`` counts from 1 and is None when any time counts."""

    day: date
    window: int | None
    timeliness: Timeliness


@dataclass(frozen=True, slots=True)
class Schedule:
    """The windows of each day in order; none at all means any time, any number of answers."""

    windows: tuple[DailyWindow, ...]
    day_starts_at_hour: int = 0

    def __str__(self) -> str:
        return ", ".join(map(str, self.windows))

    def diary_day(self, local: datetime) -> date:
        """The diary day of a wall clock: before ``day_starts_at_hour`` it is still the day before."""
        return (local - timedelta(hours=self.day_starts_at_hour)).date()

    def place(self, local: datetime, *, begun: datetime | None = None) -> Place:
        """Where an answer captured at wall clock ``local`` belongs.

        ``begun`` is when the question was opened. An answer finished within GRACE after the close of the
        window it was begun in belongs to that window, even where the next one is open by then: the next
        one has its own question to ask. Raises OutsideWindow.
        """
        day = self.diary_day(local)
        if not self.windows:
            return Place(day, None, Timeliness.ON_TIME)
        found = self._grace_at(local, begun) or self._window_at(local, day)
        if found is None:
            raise self._outside(local, day)
        return found

    def place_yesterday(self, local: datetime) -> Place:
        """The last window of the diary day before the one of ``local``: an answer given a day late."""
        day = self.diary_day(local) - timedelta(days=1)
        return Place(day, len(self.windows) or None, Timeliness.LATE)

    def closes_on(self, day: date, *, window: int | None) -> datetime:
        """Wall clock at which answers of that place can no longer be changed."""
        if window is None:
            return datetime.combine(day + timedelta(days=1), time(self.day_starts_at_hour))
        return self.windows[window - 1].times_on(day)[1]

    def times_on(self, day: date) -> Iterator[tuple[int | None, datetime, datetime]]:
        """Number, opening and close of each window of ``day``; None and the whole day when there are none."""
        if not self.windows:
            opens = datetime.combine(day, time(self.day_starts_at_hour))
            yield None, opens, opens + timedelta(days=1)
        for number, window in enumerate(self.windows, 1):
            yield number, *window.times_on(day)

    def _window_at(self, local: datetime, day: date) -> Place | None:
        for number, window in enumerate(self.windows, 1):
            opens, closes = window.times_on(day)
            if opens <= local < closes:
                return Place(day, number, Timeliness.ON_TIME)
        return None

    def _grace_at(self, local: datetime, begun: datetime | None) -> Place | None:
        if begun is None or begun > local:
            return None
        started = self._window_at(begun, self.diary_day(begun))
        if started is None:
            return None
        closes = self.closes_on(started.day, window=started.window)
        if not closes <= local < closes + GRACE:
            return None
        return Place(started.day, started.window, Timeliness.GRACE)

    def _outside(self, local: datetime, day: date) -> OutsideWindow:
        later = next((w for w in self.windows if w.times_on(day)[0] > local), None)
        if later is not None:
            opens = f"{later.times_on(day)[0]:%H:%M}"
            return OutsideWindow(Outside.NOT_OPEN, f"The diary is open at {self}; it opens next at {opens}.")
        return OutsideWindow(Outside.CLOSED, f"The diary is open at {self}; today's last window has closed.")


def parse_schedule(text: str, *, day_starts_at_hour: int = 0) -> Schedule:
    """The schedule written as "18:00-24:00", "07:00-10:00, 18:00-24:00", or "" for any time.

    A window may run past midnight up to the hour at which the diary day starts. The inverse of
    ``str(schedule)``. Raises UnknownSchedule.
    """
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_WINDOWS:
        raise UnknownSchedule(f"at most {MOST_WINDOWS} windows a day; write {_EXAMPLES}")
    windows = tuple(_read_window(part, day_starts=day_starts_at_hour * 60) for part in parts)
    for earlier, later in pairwise(windows):
        if later.opens < earlier.closes:
            raise UnknownSchedule(
                f"{earlier} and {later} overlap or are out of order; write the earlier first"
            )
    return Schedule(windows, day_starts_at_hour)


def _read_window(text: str, *, day_starts: int) -> DailyWindow:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise UnknownSchedule(f"{text!r} is no window; write {_EXAMPLES}")
    opens, closes = (int(match[n]) * 60 + int(match[n + 1]) for n in (1, 3))
    # Small hours before the day's start belong to the diary day before.
    opens, closes = (
        minutes + DAY_MINUTES if minutes < day_starts else minutes for minutes in (opens, closes)
    )
    if closes <= opens and closes == day_starts:
        closes += DAY_MINUTES
    if not day_starts <= opens < closes <= DAY_MINUTES + day_starts:
        raise UnknownSchedule(
            f"{text!r} does not end after it begins on one diary day, which starts at {_clock(day_starts)}; "
            f"write {_EXAMPLES}"
        )
    return DailyWindow(opens, closes)


def _clock(minutes: int, *, is_end: bool = False) -> str:
    if is_end and minutes == DAY_MINUTES:
        return "24:00"
    hours, rest = divmod(minutes % DAY_MINUTES, 60)
    return f"{hours:02}:{rest:02}"
