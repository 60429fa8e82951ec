"""Certainty of every trial of a block, from the days that ``sctrial.diary`` finds in their windows.

Days go into dense columns for ``sctrial.certainty_frame``. Trials that would not fit, for their days lie far
apart or their values are too fine, go through ``sctrial.certainty`` itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

import numpy as np

from sctrial.certainty import compute_certainty
from sctrial.certainty_frame import EXACT, CertaintyColumns, Diaries, Flags, compute_certainty_columns
from sctrial.columns import PHASES, Ints
from sctrial.diary import WindowDays
from sctrial.scales import SCALES, ScaleCode

#: With at most so many entries a day the units of a trial divide lcm(1..12) * per_point, about 2.8e7:
#: times a score below 2**31 that stays within int64.
FULLEST_DAY: Final = 12
#: Calendar days from the first to the last of a window; wider ones would be columns of gaps.
WIDEST: Final = 512
_NARROWEST: Final = 8


def compute_block_certainty(
    days: WindowDays, *, scales: Sequence[ScaleCode], thresholds: Iterable[Fraction]
) -> dict[Fraction, CertaintyColumns]:
    """Interval and probability by threshold, an element a trial in the order of ``scales``.

    The twin of ``sctrial.certainty.compute_certainty``: equal within 1e-12.
    """
    sides = _Sides.read(days, trials=len(scales))
    groups = list(_groups(sides, scales))
    alone = np.flatnonzero(~sides.fits).tolist()
    return {
        threshold: _columns(sides, groups, alone, scales=scales, threshold=threshold)
        for threshold in thresholds
    }


@dataclass(frozen=True, slots=True)
class _Group:
    """Trials of one scale and about one width, as dense columns."""

    trials: Ints
    scale: ScaleCode
    baseline: Diaries
    trial: Diaries


@dataclass(frozen=True, slots=True)
class _Sides:
    """The days of a block; an element a day, a cell (trial and phase) or a trial."""

    days: WindowDays
    #: By day: the score in whole units of its cell, and its place after the cell's first day.
    score: Ints
    place: Ints
    #: By cell: units to a scale point, and where its days begin.
    units: Ints
    begin: Ints
    #: By trial: columns that both sides need, rounded up to a power of two.
    width: Ints
    fits: Flags

    @classmethod
    def read(cls, days: WindowDays, *, trials: int) -> "_Sides":
        cells = trials * len(PHASES)
        begin = np.searchsorted(days.cell, np.arange(cells + 1))
        held = np.flatnonzero(np.diff(begin))
        place = days.day - days.day[begin[days.cell]]
        small = _by_cell(np.maximum, days.parts, begin, held) <= FULLEST_DAY
        units = _by_cell(np.lcm, np.where(small[days.cell], days.parts, 1) * days.per_point, begin, held)
        score = np.where(small[days.cell], days.points, 0) * (
            units[days.cell] // np.where(small[days.cell], days.parts * days.per_point, 1)
        )
        width = _power_of_two(_larger_side(_by_cell(np.maximum, place, begin, held)) + 1)
        largest = _larger_side(_by_cell(np.maximum, np.abs(score), begin, held))
        # What compute_certainty_columns asks of a whole block holds when it holds for each trial of a width.
        room = (largest * width.astype(np.float64)) ** 2 * width < EXACT
        fits = small.reshape(-1, len(PHASES)).all(axis=1) & (width <= WIDEST) & room
        return cls(days, score, place, units, begin, width, fits)

    def dense(self, trials: Ints, *, phase: int, width: int) -> Diaries:
        cells = trials * len(PHASES) + phase
        counts = self.begin[cells + 1] - self.begin[cells]
        row = np.repeat(np.arange(len(cells)), counts)
        taken = np.repeat(self.begin[cells] - (np.cumsum(counts) - counts), counts) + np.arange(len(row))
        scores = np.zeros((len(cells), width), np.int64)
        present = np.zeros((len(cells), width), np.bool_)
        scores[row, self.place[taken]] = self.score[taken]
        present[row, self.place[taken]] = True
        return Diaries(scores, present, self.units[cells])

    def values(self, trial: int, *, phase: int) -> Mapping[date, Fraction]:
        """The days of one cell as the scalar path has them."""
        cell = trial * len(PHASES) + phase
        of_cell = slice(self.begin[cell], self.begin[cell + 1])
        columns = (column[of_cell].tolist() for column in self.days[1:])
        return {
            date.fromordinal(day): Fraction(points, parts * per_point)
            for day, points, parts, per_point in zip(*columns, strict=True)
        }


def _groups(sides: _Sides, scales: Sequence[ScaleCode]) -> Iterator[_Group]:
    code = np.array([_SCALES.index(scale) for scale in scales], np.int64)
    for scale in np.unique(code).tolist():
        for width in np.unique(sides.width[sides.fits & (code == scale)]).tolist():
            trials = np.flatnonzero(sides.fits & (code == scale) & (sides.width == width))
            before, after = (sides.dense(trials, phase=phase, width=width) for phase in range(len(PHASES)))
            yield _Group(trials, _SCALES[scale], before, after)


def _columns(
    sides: _Sides,
    groups: Iterable[_Group],
    alone: Iterable[int],
    *,
    scales: Sequence[ScaleCode],
    threshold: Fraction,
) -> CertaintyColumns:
    found = CertaintyColumns(*(np.full(len(scales), np.nan) for _ in CertaintyColumns._fields))
    for group in groups:
        of_group = compute_certainty_columns(
            group.baseline, trial=group.trial, threshold=float(threshold), scale=SCALES[group.scale]
        )
        for column, values in zip(found, of_group, strict=True):
            column[group.trials] = values
    for trial in alone:
        before, after = (sides.values(trial, phase=phase) for phase in range(len(PHASES)))
        scale = SCALES[scales[trial]]
        certainty = compute_certainty(before, trial=after, threshold=threshold, scale=scale)
        ends = certainty.interval_90 or (np.nan, np.nan)
        probability = np.nan if certainty.probability is None else certainty.probability
        for column, value in zip(found, (*ends, probability), strict=True):
            column[trial] = value
    return found


def _by_cell(function: np.ufunc, values: Ints, begin: Ints, held: Ints) -> Ints:
    """``function`` over the days of each cell; 1 for a cell without a day, which no sum ever meets."""
    found = np.ones(len(begin) - 1, np.int64)
    if len(held):
        found[held] = function.reduceat(values, begin[held])
    return found


def _larger_side(cells: Ints) -> Ints:
    larger: Ints = cells.reshape(-1, len(PHASES)).max(axis=1)
    return larger


def _power_of_two(width: Ints) -> Ints:
    # Few widths make few groups; half of the columns at most are padding.
    powers = 2 ** np.ceil(np.log2(np.maximum(width, _NARROWEST))).astype(np.int64)
    return powers.astype(np.int64)


_SCALES: Final = tuple(ScaleCode)
