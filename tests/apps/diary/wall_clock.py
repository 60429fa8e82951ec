"""The diary's rules told once more, from the wall clock alone: zoneinfo and a calendar, none of our code.

A day is tried, not computed: of the days around an answer, the diary day is the one whose span of wall clock
holds it, and the window the one of that day that does.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY, GRACE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
LATE, GRACED, IN_TIME = "late", "grace", "on_time"


@dataclass(frozen=True)
class Rules:
    """Windows as pairs of hour and minute, on a diary day that starts at ``starts`` o'clock."""

    text: str
    starts: int

    def windows(self, day: date) -> list[tuple[datetime, datetime]]:
        found = []
        for span in filter(None, map(str.strip, self.text.split(","))):
            opens, closes = (self._moment(day, clock) for clock in span.split("-"))
            found.append((opens, closes if closes > opens else closes + DAY))
        return found

    def _moment(self, day: date, clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        moment = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
        # Small hours are the end of a diary day, not its beginning.
        return moment + DAY if hour < self.starts else moment

    def day_of(self, clock: datetime) -> date:
        days = [clock.date() + n * DAY for n in (-1, 0)]
        (day,) = [
            day
            for day in days
            if datetime.combine(day, time(self.starts))
            <= clock
            < datetime.combine(day + DAY, time(self.starts))
        ]
        return day


def wall_clock(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def window_at(rules: Rules, clock: datetime) -> tuple[date, int] | None:
    for day in (clock.date() + n * DAY for n in (-2, -1, 0, 1)):
        for number, (opens, closes) in enumerate(rules.windows(day), 1):
            if opens <= clock < closes:
                return day, number
    return None


def place_of(
    rules: Rules, *, instant: datetime, zone: str, begun: datetime | None = None, about: str = "today"
) -> tuple[date, int | None, str] | str:
    """Day, window and timeliness; or the code of the refusal."""
    clock = wall_clock(instant, zone)
    day = rules.day_of(clock)
    if about == "yesterday":
        return day - DAY, len(rules.windows(day)) or None, LATE
    if not rules.text:
        return day, None, IN_TIME
    found = window_at(rules, clock)
    started = window_at(rules, wall_clock(begun, zone)) if begun is not None else None
    if started is not None and wall_clock(begun or instant, zone) <= clock:
        closes = rules.windows(started[0])[started[1] - 1][1]
        if closes <= clock < closes + GRACE:
            return *started, GRACED
    if found is not None:
        return *found, IN_TIME
    later = [opens for opens, _ in rules.windows(day) if opens > clock]
    return "window_not_open" if later else "window_closed"


def clock_changes(zone: str, *, years: range) -> list[datetime]:
    """The instants at which the zone's offset changes, to the second."""
    place = ZoneInfo(zone)
    changes = []
    moment = datetime(years[0], 1, 1, tzinfo=UTC)
    while moment.year <= years[-1]:
        if moment.astimezone(place).utcoffset() != (moment + DAY).astimezone(place).utcoffset():
            changes.append(_narrow(place, moment, moment + DAY))
        moment += DAY
    return changes


def _narrow(place: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        same = middle.astimezone(place).utcoffset() == before.astimezone(place).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    return after.replace(microsecond=0)
