"""``apps.diary.compliance.closed_windows`` of whole cohorts, on columns: the worst of each day's windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from apps.diary.compliance import closes_on
from sctrial.columns import Ints
from sctrial.schedule import MOST_WINDOWS, Schedule
from sctrial.totals import Flags

#: Of several windows a day the worst counts.
STATES: Final = ("answered", "excused", "missed")
_ANSWERED, _EXCUSED, _MISSED = range(len(STATES))
_NOT_OVER: Final = -1
#: Above every number that a window can have.
NO_WINDOW: Final = MOST_WINDOWS + 1
#: After every instant that a diary knows, in microseconds.
_NEVER: Final = 2**62
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Expected(NamedTuple):
    """What decides which windows of a trial's diary are over, and which of them could be answered."""

    schedule: Schedule
    zone: str
    diary_from: date
    ended_on: date | None
    paired_at: datetime | None
    stopped_at: datetime | None


class Answers(NamedTuple):
    """An element an answer: place of its trial, ordinal of its day, its window; 0 is for the whole day.

    A window above ``NO_WINDOW`` raises IndexError.
    """

    trial: Ints
    day: Ints
    window: Ints


class ClosedDays(NamedTuple):
    """A day with a closed window an element, by trial and day; ``state`` is a place in STATES."""

    trial: Ints
    day: Ints
    state: Ints


def find_closed_days(trials: Sequence[Expected], answers: Answers, *, at: datetime) -> ClosedDays:
    """Days of each trial of which a window is over at ``at``. Answers may come in any order, and twice."""
    diaries = _Diaries.read(trials, at=at)
    answered = diaries.answered(answers)
    state = np.full(len(diaries.day), _NOT_OVER, np.int64)
    for calendar, members in diaries.calendars.items():
        rows = diaries.rows_of(members)
        state[rows] = _worst(calendar, diaries, rows, answered[rows])
    is_over = state != _NOT_OVER
    return ClosedDays(diaries.trial[is_over], diaries.day[is_over], state[is_over])


@dataclass(frozen=True)
class _Calendar:
    """The windows of each day from ``first`` to ``last``: trials of a cohort share them."""

    schedule: Schedule
    zone: ZoneInfo
    first: int
    last: int
    at: datetime

    @cached_property
    def closes(self) -> tuple[Sequence[int], Ints, Flags]:
        """Numbers of the windows; when each closes and whether it is over: a row a day, a column a window."""
        days = [
            closes_on(self.schedule, date.fromordinal(day), self.zone)
            for day in range(self.first, self.last + 1)
        ]
        closed_at = [[_micros(closed) for _, closed, _ in windows] for windows in days]
        is_over = [[counts_from <= self.at for _, _, counts_from in windows] for windows in days]
        return [n for n, _, _ in days[0]], np.array(closed_at, np.int64), np.array(is_over, np.bool_)


@dataclass(frozen=True)
class _Diaries:
    """The days of each trial's diary so far, one after the other."""

    trial: Ints
    day: Ints
    begin: Ints
    days: Ints
    first: Ints
    paired_at: Ints
    stopped_at: Ints
    calendars: Mapping[_Calendar, Ints]

    @classmethod
    def read(cls, trials: Sequence[Expected], *, at: datetime) -> "_Diaries":
        until = {zone: at.astimezone(ZoneInfo(zone)).date() for zone in {one.zone for one in trials}}
        first = _ints([one.diary_from.toordinal() for one in trials])
        last = _ints([min(until[one.zone], one.ended_on or date.max).toordinal() for one in trials])
        days = np.maximum(last - first + 1, 0)
        begin = np.cumsum(days) - days
        trial = np.repeat(np.arange(len(trials)), days)
        return cls(
            trial=trial,
            day=first[trial] + np.arange(len(trial)) - begin[trial],
            begin=begin,
            days=days,
            first=first,
            paired_at=_ints([_NEVER if one.paired_at is None else _micros(one.paired_at) for one in trials]),
            stopped_at=_ints(
                [_NEVER if one.stopped_at is None else _micros(one.stopped_at) for one in trials]
            ),
            calendars=_calendars(trials, first, last, at=at),
        )

    def rows_of(self, members: Ints) -> Ints:
        """Places of the days of these trials."""
        days = self.days[members]
        skipped = np.repeat(self.begin[members] - (np.cumsum(days) - days), days)
        return skipped + np.arange(len(skipped))

    def answered(self, answers: Answers) -> Flags:
        """A row a day and a column a window number, the first for answers to the whole day."""
        found = np.zeros((len(self.day), NO_WINDOW + 1), np.bool_)
        place = answers.day - self.first[answers.trial]
        inside = (place >= 0) & (place < self.days[answers.trial])
        found[(self.begin[answers.trial] + place)[inside], answers.window[inside]] = True
        return found


def _calendars(trials: Sequence[Expected], first: Ints, last: Ints, *, at: datetime) -> dict[_Calendar, Ints]:
    places: dict[tuple[Schedule, str], list[int]] = {}
    for place, one in enumerate(trials):
        if first[place] <= last[place]:
            places.setdefault((one.schedule, one.zone), []).append(place)
    found = {}
    for (schedule, zone), of_both in places.items():
        members = _ints(of_both)
        ends = int(first[members].min()), int(last[members].max())
        found[_Calendar(schedule, ZoneInfo(zone), *ends, at)] = members
    return found


def _worst(calendar: _Calendar, diaries: _Diaries, rows: Ints, answered: Flags) -> Ints:
    """As ``compliance.closed_windows`` has each window, and of a day the worst."""
    numbers, closes, is_over = calendar.closes
    day, trial = diaries.day[rows] - calendar.first, diaries.trial[rows]
    worst = np.full(len(rows), _NOT_OVER, np.int64)
    for column, number in enumerate(numbers):
        closed_at = closes[day, column]
        could = (diaries.paired_at[trial] < closed_at) & (diaries.stopped_at[trial] >= closed_at)
        state = np.where(could, _MISSED, _EXCUSED)
        state[answered[:, number] | answered[:, 0]] = _ANSWERED
        worst = np.maximum(worst, np.where(is_over[day, column], state, _NOT_OVER))
    return worst


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
