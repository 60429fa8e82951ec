"""When a question is asked again: each week or month, on a day, at an hour of the clinic's own clock."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEK, MONTH = "week", "month"
LAST_DAY: Final = 31


@dataclass(frozen=True, slots=True)
class Timetable:
    """``day`` is 1 (Monday) to 7, or 1 to 31 of a month; the last day of a shorter month stands for it."""

    every: str
    day: int
    hour: int
    zone: str

    def next_after(self, instant: datetime) -> datetime:
        """The first slot later than ``instant``, in UTC.

        An hour that clocks leave out begins when they go on (02:00 is then 03:00); one that they show twice
        is the first of the two. So there is one slot a week or month, whatever clocks do.
        """
        zone = ZoneInfo(self.zone)
        here = instant.astimezone(zone).date()
        slots = (datetime.combine(day, time(self.hour), zone).astimezone(UTC) for day in self._days(here))
        return next(slot for slot in slots if slot > instant)

    def _days(self, start: date) -> Iterator[date]:
        # From the day before: where clocks leave out an hour at midnight, its slot is on the next day.
        day = start - timedelta(days=1)
        while True:
            if self._is_its(day):
                yield day
            day += timedelta(days=1)

    def _is_its(self, day: date) -> bool:
        if self.every == WEEK:
            return day.isoweekday() == self.day
        return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])

    @property
    def words(self) -> str:
        """Such as "every Monday at 06:00, Europe/Berlin"."""
        if self.every == WEEK:
            day = f"every {calendar.day_name[self.day - 1]}"
        else:
            day = (
                "on the last day of every month"
                if self.day == LAST_DAY
                else f"on day {self.day} of every month"
            )
        return f"{day} at {self.hour:02}:00, {self.zone}"
