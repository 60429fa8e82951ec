"""Exact totals of windows on int64 columns. A day's value is a sum over a count, as in ``sctrial.windows``.

A window's total is put over the least common multiple of its counts, so that it stays a whole number.
``Totals.fits`` says where it does; the caller takes every other window through ``sctrial.windows``.

Why nothing can overflow unseen: a value stays below 2**31 (``sctrial.columns``) and rows number less than
2**31, so a sum of values stays below 2**62. A window whose fullest day has at most ``FULLEST_DAY`` entries
has a common multiple that divides lcm(1..42), about 2.2e17. Larger products are estimated in floating
point first: a few roundings move such an estimate by less than one part in 2**49, so what it puts below
2**62 is below 2**63 in truth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from sctrial.columns import PHASES, Ints
from sctrial.evidence import Protocol
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES
from sctrial.verdict import require_judgeable
from sctrial.windows import Several, Window, WindowKind

#: lcm(1..42) is 219060189739591200; times 43 it would be 9.4e18, and int64 ends at 9.2e18.
FULLEST_DAY: Final = 42
ROOM: Final = 2.0**62

# The last day of the calendar is 3652059, below 2**22: a cell and a day fit into one sortable number.
_DAY_BITS: Final = 22

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rules:
    """Protocols as numbers, an element a cell.

    ``tail``: how many days back from the last; 0 means all days but the first ``skip``.
    """

    tail: Ints
    skip: Ints
    several: Ints
    per_point: Ints

    @classmethod
    def read(cls, protocols: Sequence[Protocol]) -> "Rules":
        """Raises ReportOnlyWindow."""
        # Trials by the hundred thousand share a handful of protocols.
        places: dict[Protocol, int] = {}
        used = np.fromiter((places.setdefault(each, len(places)) for each in protocols), dtype=np.int64)
        for protocol in places:
            require_judgeable(protocol)
        table = np.array([_numbers(each) for each in places], np.int64).reshape(-1, len(PHASES), 4)
        per_cell = table[used].reshape(-1, 4)
        return cls(*np.ascontiguousarray(per_cell.T))


@dataclass(frozen=True, slots=True)
class Days:
    """Entries put together by day: an element a cell and day that has entries, ascending."""

    cell: Ints
    day: Ints
    count: Ints
    total: Ints
    first: Ints
    last: Ints

    @classmethod
    def group(cls, cell: Ints, day: Ints, value: Ints, sequence: Ints) -> "Days":
        key = cell << _DAY_BITS | day
        order = _order(key, sequence)
        key, value = key[order], value[order]
        starts = _starts(key)
        ends = np.append(starts[1:], len(key))[: len(starts)]
        return cls(
            cell=key[starts] >> _DAY_BITS,
            day=key[starts] & (1 << _DAY_BITS) - 1,
            count=ends - starts,
            total=np.add.reduceat(value, starts) if len(starts) else value,
            first=value[starts],
            last=value[ends - 1],
        )

    def values(self, rules: Rules) -> tuple[Ints, Ints]:
        """What each day is worth in units of the scale: a whole number, and what it is divided by."""
        several = rules.several[self.cell]
        points = np.select([several == code for code in _POINTS], [get(self) for get in _POINTS.values()])
        return points, np.where(several == _MEAN, self.count, 1)


@dataclass(frozen=True, slots=True)
class Totals:
    """Days and exact total of each cell; numerator and denominator are 0 and 1 where they do not fit."""

    days: Ints
    numerator: Ints
    denominator: Ints
    fits: Flags

    @classmethod
    def over(cls, days: Days, *, rules: Rules, cells: int) -> "Totals":
        counted = np.bincount(days.cell, minlength=cells)
        numerator, denominator = np.zeros(cells, np.int64), np.ones(cells, np.int64)
        fits = np.ones(cells, np.bool_)
        if len(days.cell):
            found = np.flatnonzero(counted)
            points, parts = days.values(rules)
            sums = _exact_sums(points, parts, sizes=counted[found], per_point=rules.per_point[found])
            numerator[found], denominator[found], fits[found] = sums
        return cls(counted, numerator, denominator, fits)


def _exact_sums(points: Ints, parts: Ints, *, sizes: Ints, per_point: Ints) -> tuple[Ints, Ints, Flags]:
    """Sum of ``points / parts`` over each run of ``sizes`` elements, in scale points, and whether it fits."""
    starts = np.cumsum(sizes) - sizes
    small = np.maximum.reduceat(parts, starts) <= FULLEST_DAY
    common = np.lcm.reduceat(np.where(np.repeat(small, sizes), parts, 1), starts)
    magnitude = np.add.reduceat(np.abs(points), starts)
    fits = small & (estimate(magnitude, common) < ROOM) & (estimate(common, per_point) < ROOM)
    weight = np.repeat(common, sizes) // parts
    sums = np.add.reduceat(np.where(np.repeat(fits, sizes), points, 0) * weight, starts)
    return sums, np.where(fits, common * per_point, 1), fits


def estimate(*factors: Ints) -> npt.NDArray[np.float64]:
    """The size of the product, not exact and never overflowing; to be held against ``ROOM``."""
    product: npt.NDArray[np.float64] = np.prod([np.abs(each.astype(np.float64)) for each in factors], axis=0)
    return product


def _order(key: Ints, sequence: Ints) -> "Ints | slice":
    step = np.diff(key)
    if not np.all((step > 0) | ((step == 0) & (sequence[1:] >= sequence[:-1]))):
        return np.lexsort((sequence, key))
    # Rows that come from the database are in order already; sorting them would be most of the work.
    return slice(None)


def _starts(key: Ints) -> Ints:
    return np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])


def window_of(protocol: Protocol, phase: DiaryPhase) -> Window:
    return protocol.baseline_window if phase is DiaryPhase.BASELINE else protocol.trial_window


def _numbers(protocol: Protocol) -> list[tuple[int, int, int, int]]:
    several, per_point = _SEVERAL.index(protocol.several), SCALES[protocol.scale].per_point
    windows = (window_of(protocol, phase) for phase in PHASES)
    return [(*_TAIL_AND_SKIP[window.kind](window.n or 0), several, per_point) for window in windows]


_TAIL_AND_SKIP: Final[Mapping[WindowKind, Callable[[int], tuple[int, int]]]] = MappingProxyType(
    {
        WindowKind.LAST_N_DAYS: lambda n: (n, 0),
        WindowKind.WHOLE_PHASE: lambda _n: (0, 0),
        WindowKind.EXCLUDE_FIRST_N_DAYS: lambda n: (0, n),
    }
)
_SEVERAL: Final = tuple(Several)
_MEAN: Final = _SEVERAL.index(Several.MEAN)
_POINTS: Final[Mapping[int, Callable[[Days], Ints]]] = MappingProxyType(
    {
        _SEVERAL.index(Several.MEAN): lambda days: days.total,
        _SEVERAL.index(Several.LAST): lambda days: days.last,
        _SEVERAL.index(Several.FIRST): lambda days: days.first,
    }
)
