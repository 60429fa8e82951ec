"""Which days of a diary count, what one day is worth, and the sum over a window.

A window is fixed before the leads go in: on the same diary the last day, the last three and the whole
trial can stand on different sides of 50 %.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Final, Protocol

from sctrial.seal import fraction_text

#: A window longer than a year is a slip of the keyboard, not a trial.
LONGEST_WINDOW: Final = 366


class WindowKind(StrEnum):
    """How a window picks its days."""

    LAST_N_DAYS = "last-n-days"
    WHOLE_PHASE = "whole-phase"
    EXCLUDE_FIRST_N_DAYS = "exclude-first-n-days"
    BEST_DAY = "best-day"


_COUNTED: Final = frozenset({WindowKind.LAST_N_DAYS, WindowKind.EXCLUDE_FIRST_N_DAYS})


class UnknownWindow(ValueError):
    """Text that names no window; the message lists what may be written."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rule for choosing diary days; ``n`` is None for the kinds that count nothing."""

    kind: WindowKind
    n: int | None = None

    def __post_init__(self) -> None:
        if (self.kind in _COUNTED) != (self.n is not None):
            raise UnknownWindow(f"'{self}' is not a window; write one of: {_EXAMPLES}")
        if self.n is not None and not 1 <= self.n <= LONGEST_WINDOW:
            raise UnknownWindow(f"'{self}': the number of days must be from 1 to {LONGEST_WINDOW}")

    def __str__(self) -> str:
        return self.kind.value if self.n is None else f"{self.kind.value}:{self.n}"

    @property
    def report_only(self) -> bool:
        """The best day is biased by choosing it, so it may be shown but never judged."""
        return self.kind is WindowKind.BEST_DAY


_EXAMPLES: Final = "last-n-days:7, whole-phase, exclude-first-n-days:2, best-day"
_WRITTEN: Final = re.compile(r"([a-z-]+)(?::([1-9][0-9]{0,3}))?", re.ASCII)


def parse_window(text: str) -> Window:
    """The window written as "last-n-days:7", "whole-phase", "exclude-first-n-days:2" or "best-day".

    The inverse of ``str(window)``. Raises UnknownWindow.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or match[1] not in set(WindowKind):
        raise UnknownWindow(f"{text!r} is not a window; write one of: {_EXAMPLES}")
    return Window(kind=WindowKind(match[1]), n=int(match[2]) if match[2] else None)


class Several(StrEnum):
    """What a day with several scores of one kind is worth."""

    MEAN = "mean"
    LAST = "last"
    FIRST = "first"


class Scored(Protocol):
    """Anything with a diary day and a score in scale points."""

    @property
    def day(self) -> date: ...
    @property
    def value(self) -> Fraction: ...


def _total(values: Sequence[Fraction]) -> Fraction:
    # Adding over one common denominator reduces once instead of at every step.
    common = lcm(*(value.denominator for value in values))
    return Fraction(sum(value.numerator * (common // value.denominator) for value in values), common)


_DAY_VALUE: Final[Mapping[Several, Callable[[Sequence[Fraction]], Fraction]]] = MappingProxyType(
    {
        Several.MEAN: lambda values: _total(values) / len(values),
        Several.LAST: lambda values: values[-1],
        Several.FIRST: lambda values: values[0],
    }
)


def compute_day_values(entries: Iterable[Scored], *, several: Several) -> dict[date, Fraction]:
    """Each diary day's value in scale points, days ascending; a day without entries is not in the answer.

    Entries must be of one region and one kind. First and last follow the order in which they are given.
    """
    by_day: dict[date, list[Fraction]] = {}
    for entry in entries:
        by_day.setdefault(entry.day, []).append(entry.value)
    choose = _DAY_VALUE[several]
    return {day: values[0] if len(values) == 1 else choose(values) for day, values in sorted(by_day.items())}


@dataclass(frozen=True, slots=True)
class WindowFigures:
    """What a window holds; ``total / days`` is the mean, but thresholds compare totals and divide nothing.

    ``first_day`` and ``last_day`` are the calendar ends of the window, None when the phase has no diary at
    all; then ``missing_days`` is still the number of days the window asked for, and none can be named.
    """

    first_day: date | None
    last_day: date | None
    days: int
    total: Fraction
    missing_days: int
    missing_dates: tuple[date, ...]

    @property
    def mean(self) -> Fraction | None:
        """Mean of the days' values in scale points; None without a day."""
        return self.total / self.days if self.days else None

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing: the mean as "a/b" in lowest terms or None."""
        mean = self.mean
        return {
            "first_day": self.first_day and self.first_day.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "days": self.days,
            "missing_days": self.missing_days,
            "missing_dates": [day.isoformat() for day in self.missing_dates],
            "mean": None if mean is None else fraction_text(mean),
        }


def summarise_window(
    day_values: Mapping[date, Fraction], *, window: Window, first_day: date | None, last_day: date | None
) -> WindowFigures:
    """Days, total and gaps of one window over one phase's diary.

    ``first_day`` and ``last_day`` bound the phase's diary: its earliest and latest day with any row,
    whatever region or kind. The last n days are calendar days ending on ``last_day``; a day in the window
    without a value is missing, also when it lies before the diary began. Nothing is imputed.
    """
    if first_day is None or last_day is None:
        return _empty(asked=window.n or 0 if window.kind is WindowKind.LAST_N_DAYS else 0)
    bounds = _BOUNDS[window.kind](window, day_values, first_day, last_day)
    return _empty(asked=0) if bounds is None else _between(day_values, *bounds)


def _empty(*, asked: int) -> WindowFigures:
    return WindowFigures(None, None, 0, Fraction(0), asked, ())


def _between(day_values: Mapping[date, Fraction], first_day: date, last_day: date) -> WindowFigures:
    calendar = (first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1))
    present: list[Fraction] = []
    missing: list[date] = []
    for day in calendar:
        value = day_values.get(day)
        if value is None:
            missing.append(day)
        else:
            present.append(value)
    return WindowFigures(first_day, last_day, len(present), _total(present), len(missing), tuple(missing))


_Bounds = tuple[date, date] | None
_DayValues = Mapping[date, Fraction]


def _last_days(window: Window, _values: _DayValues, _first: date, last: date) -> _Bounds:
    # The calendar begins with the year 1; a window may not reach before it.
    return date.fromordinal(max(1, last.toordinal() - (window.n or 1) + 1)), last


def _whole(_window: Window, _values: _DayValues, first: date, last: date) -> _Bounds:
    return first, last


def _later_days(window: Window, _values: _DayValues, first: date, last: date) -> _Bounds:
    skipped = window.n or 0
    return (first + timedelta(days=skipped), last) if (last - first).days >= skipped else None


def _best_day(_window: Window, values: _DayValues, _first: date, _last: date) -> _Bounds:
    best = min(values, key=lambda day: (values[day], day), default=None)
    return None if best is None else (best, best)


_BOUNDS: Final[Mapping[WindowKind, Callable[[Window, _DayValues, date, date], _Bounds]]] = MappingProxyType(
    {
        WindowKind.LAST_N_DAYS: _last_days,
        WindowKind.WHOLE_PHASE: _whole,
        WindowKind.EXCLUDE_FIRST_N_DAYS: _later_days,
        WindowKind.BEST_DAY: _best_day,
    }
)
