"""Missing days of a whole cohort in columns: what ``sctrial.imputing.fill_outcome`` does to a trial, to all.

Sums stay whole numbers over one denominator a trial, so answers and changes equal the scalar path's. A trial
whose numbers leave no room for that goes through the scalar path itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from sctrial.cohort import Outcome
from sctrial.columns import PHASES, Ints
from sctrial.imputing import Diary, fill_outcome
from sctrial.kleene import Answer
from sctrial.missing import NON_RESPONDER_ENDS, Policy
from sctrial.phases import DiaryPhase, EndReason
from sctrial.sides import CODES, Side, answer_codes, has_room
from sctrial.totals import Flags, estimate

Floats = npt.NDArray[np.float64]
HALF: Final = Fraction(1, 2)
#: Whole numbers up to here are floats of the same value, so a quotient of two is rounded once.
_EXACT: Final = 2.0**53
#: Means of up to 16 scores in hundredths of a point are whole numbers over it.
_FINEST: Final = lcm(*range(1, 17)) * 100
#: The sum of a trial's values over the common denominator; with the days of a century there is room still.
_LARGEST_SUM: Final = 2.0**40
_BEFORE, _AFTER = (slice(PHASES.index(phase), None, len(PHASES)) for phase in DiaryPhase)


@dataclass(frozen=True)
class Gapped:
    """Days with a value, an element a day, by cell and day; and which days there should be.

    A cell is a trial and a phase, ``2 * trial + phase`` as in ``sctrial.columns.PHASES``. A value is
    ``numerator / denominator`` points. ``opens`` and ``closes`` are ordinals, an element a cell: the first
    and last day that it should have, none where it closes before it opens.
    """

    cell: Ints
    day: Ints
    numerator: Ints
    denominator: Ints
    opens: Ints
    closes: Ints
    end_reasons: Sequence[EndReason | None]

    @property
    def trials(self) -> int:
        return len(self.end_reasons)

    @cached_property
    def technical(self) -> Flags:
        """Trials that say nothing about relief."""
        return np.array([end is EndReason.TECHNICAL_FAILURE for end in self.end_reasons], bool)

    @cached_property
    def lost(self) -> Flags:
        """Trials that ended for lack of effect or harm."""
        return np.array([end in NON_RESPONDER_ENDS for end in self.end_reasons], bool)

    @cached_property
    def held(self) -> Ints:
        """How many days of each cell have a value."""
        return np.bincount(self.cell, minlength=len(self.opens))

    @cached_property
    def gaps(self) -> Ints:
        """How many days of each cell should have a value and have none."""
        inside = (self.day >= self.opens[self.cell]) & (self.day <= self.closes[self.cell])
        missing: Ints = np.maximum(0, self.closes - self.opens + 1)
        return missing - np.bincount(self.cell[inside], minlength=len(self.opens))

    @cached_property
    def common(self) -> int:
        """One denominator of all values, but for those that are finer than a diary's can be."""
        return lcm(*(each for each in np.unique(self.denominator).tolist() if _FINEST % each == 0))

    @cached_property
    def scaled(self) -> Ints:
        """Values times the common denominator."""
        return self.numerator * (self.common // self.denominator)

    @cached_property
    def fits(self) -> Flags:
        """Trials whose values are whole numbers over the common denominator, with room to add them up."""
        trial = self.cell // len(PHASES)
        coarse = np.bincount(trial[self.common % self.denominator != 0], minlength=self.trials)
        size = np.abs(self.numerator.astype(np.float64)) * (self.common / self.denominator)
        found: Flags = (coarse == 0) & (np.bincount(trial, size, minlength=self.trials) < _LARGEST_SUM)
        return found

    @cached_property
    def totals(self) -> Ints:
        return _reduced(np.add, self.scaled, self.cell, size=len(self.opens))

    @cached_property
    def before(self) -> Side:
        """Baseline days are never filled: that would move the yardstick."""
        return self.side(_BEFORE, self.held, self.totals)

    def side(self, cells: slice, days: Ints, totals: Ints) -> Side:
        return Side(days[cells], totals[cells], np.full(self.trials, self.common), self.fits)

    def diary(self, trial: int) -> Diary:
        """One trial as the scalar path has it."""
        days: dict[int, dict[date, Fraction]] = {0: {}, 1: {}}
        for row in np.flatnonzero(self.cell // len(PHASES) == trial).tolist():
            value = Fraction(int(self.numerator[row]), int(self.denominator[row]))
            days[int(self.cell[row]) % len(PHASES)][date.fromordinal(int(self.day[row]))] = value
        first, last = (date.fromordinal(int(side[_AFTER][trial])) for side in (self.opens, self.closes))
        return Diary(str(trial), days[0], days[1], first, last, self.end_reasons[trial])


def _reduced(how: np.ufunc, values: Ints, group: Ints, *, size: int) -> Ints:
    """Of each run of one group; 0 of a group without values."""
    found = np.zeros(size, np.int64)
    if len(values):
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        found[group[starts]] = how.reduceat(values, starts)
    return found


@dataclass(frozen=True)
class Filled:
    """A cohort under one policy, an element a trial; ``one_by_one`` are those without room, by place."""

    days: Gapped
    policy: Policy
    after: Side
    one_by_one: Mapping[int, Outcome]

    @cached_property
    def changes(self) -> Floats:
        """Trial minus baseline in points, negative is relief; NaN without both sides.

        The nearest float to the exact change, as the scalar path has it.
        """
        before, after = self.days.before, self.after
        have = (before.days > 0) & (after.days > 0)
        top = after.numerator * before.denominator * before.days
        top -= before.numerator * after.denominator * after.days
        bottom = before.denominator * before.days * after.denominator * after.days
        found = np.where(have, top, np.nan) / np.where(have, bottom, 1)
        for place, outcome in self.one_by_one.items():
            found[place] = _change(outcome)
        return found

    def answers(self, threshold: Fraction = HALF) -> Ints:
        """Places in ``Answer``: met from ``threshold`` (1/2 is 50 %) on, boundary included."""
        found = answer_codes(self.days.before, self.after, threshold=threshold)
        for place, outcome in self.one_by_one.items():
            exact = outcome.reduction.exact
            reached = Answer.NOT_EVALUABLE if exact is None else _answer(exact >= 100 * threshold)
            found[place] = CODES[reached]
        if self.policy is Policy.COMPOSITE_NON_RESPONDER:
            found[self.days.lost] = CODES[Answer.NOT_MET]
        return found


def fill_cohort(days: Gapped, *, policy: Policy) -> Filled:
    """Every trial of a cohort with its missing days treated by ``policy``, as ``fill_outcome`` does each."""
    after = _FILL[policy](days)
    whole = has_room(days.before, after, threshold=HALF) & _fits(days.before, after)
    alone = {
        place: fill_outcome(days.diary(place), policy=policy) for place in np.flatnonzero(~whole).tolist()
    }
    return Filled(days, policy, after, alone)


def _fits(before: Side, after: Side) -> Flags:
    """Whether a change is a quotient of two whole numbers that are floats; then percents have room too."""
    found = estimate(before.denominator, before.days + 1, after.denominator, after.days + 1)
    for one, other in ((before, after), (after, before)):
        found = np.maximum(found, estimate(one.numerator, other.denominator, other.days + 1, one.days + 1))
    return 2 * found < _EXACT


def _answer(reached: bool) -> Answer:
    return Answer.MET if reached else Answer.NOT_MET


def _change(outcome: Outcome) -> float:
    if outcome.trial_mean is None or outcome.baseline_mean is None:
        return float("nan")
    return float(outcome.trial_mean - outcome.baseline_mean)


def _observed(days: Gapped) -> Side:
    return days.side(_AFTER, days.held, days.totals)


def _last_carried(days: Gapped) -> Side:
    """Each value stands for itself and for every missing day until the next one."""
    last = np.diff(days.cell, append=-1) != 0
    closes = days.closes[days.cell] + 1
    following = np.where(last, closes, np.append(days.day[1:], 0))
    covered = np.minimum(following, closes) - np.maximum(days.day + 1, days.opens[days.cell])
    covered = np.maximum(0, covered)
    size = len(days.opens)
    more = _reduced(np.add, days.scaled * covered, days.cell, size=size)
    filled = _reduced(np.add, covered, days.cell, size=size)
    return days.side(_AFTER, days.held + filled, days.totals + more)


def _baseline_carried(days: Gapped) -> Side:
    before, after = days.before, _observed(days)
    # A mean of so many days needs a denominator of as many; without one nothing is filled.
    weight, gaps = np.maximum(1, before.days), days.gaps[_AFTER] * (before.days > 0)
    total = after.numerator * weight + gaps * before.numerator
    return Side(after.days + gaps, total, after.denominator * weight, after.fits)


def _worst_of_trial(days: Gapped) -> Side:
    worst = _reduced(np.maximum, days.scaled, days.cell, size=len(days.opens))[_AFTER]
    return _all_at(days, worst, known=days.held[_AFTER] > 0)


def _worst_of_all(days: Gapped) -> Side:
    worst = _reduced(np.maximum, days.scaled, days.cell // len(PHASES), size=days.trials)
    return _all_at(days, worst, known=days.held[_BEFORE] + days.held[_AFTER] > 0)


def _all_at(days: Gapped, value: Ints, *, known: Flags) -> Side:
    after, gaps = _observed(days), days.gaps[_AFTER] * known
    return Side(after.days + gaps, after.numerator + gaps * value, after.denominator, after.fits)


_FILL: Final[Mapping[Policy, Callable[[Gapped], Side]]] = MappingProxyType(
    {
        Policy.OBSERVED: _observed,
        Policy.LOCF: _last_carried,
        Policy.BOCF: _baseline_carried,
        Policy.WOCF_TRIAL: _worst_of_trial,
        Policy.WOCF_WITH_BASELINE: _worst_of_all,
        Policy.COMPOSITE_NON_RESPONDER: _observed,
    }
)
