"""Certainty of whole cohorts: the bodies of ``sctrial.belief`` and ``sctrial.certainty`` on numpy columns.

Equal to ``sctrial.certainty`` one trial at a time within 1e-12. The sums are whole numbers and equal to the
bit; behind them only ``exp`` and ``atan`` may differ in the last digit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sctrial.belief import LAGS, DaySums, Grid, compute_belief, degrees_of_freedom
from sctrial.certainty import UPPER_TAIL_STARTS, compute_interval, compute_probability
from sctrial.distributions import Maths, student_quantile
from sctrial.scales import Scale

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Whole numbers up to here are floats without rounding; sums beyond it go one by one.
EXACT: Final = 2**53

_BLOCK: Final = 20_000


class TooLarge(ValueError):
    """Scores in units so fine that their squares leave the whole numbers a float can hold."""


@dataclass(frozen=True, slots=True)
class Diaries:
    """Days of one phase: a row a trial, a column a calendar day, ``present`` where there is a value.

    ``scores`` are whole units, ``units`` of them to a scale point, a trial; what is not present is ignored.
    """

    scores: Ints
    present: Flags
    units: Ints


class CertaintyColumns(NamedTuple):
    """An element a trial; NaN where ``sctrial.certainty`` has None. Percents; probability 0 to 1."""

    low: Floats
    high: Floats
    probability: Floats


def compute_certainty_columns(
    baseline: Diaries, *, trial: Diaries, threshold: float, scale: Scale
) -> CertaintyColumns:
    """Interval ends and probability of each trial, in the order of the rows. Raises TooLarge.

    ``threshold`` is a share (0.5 is 50 %). The twin of ``sctrial.certainty.compute_certainty``.
    """
    found = CertaintyColumns(*(np.full(len(baseline.units), math.nan) for _ in CertaintyColumns._fields))
    days = baseline.present.sum(axis=1), trial.present.sum(axis=1)
    has_baseline = np.where(baseline.present, baseline.scores, 0).any(axis=1)
    freedom = np.where(has_baseline & (days[1] > 0), degrees_of_freedom(days[0], days_after=days[1]), 0)
    # One t distribution serves all trials with as many days; blocks keep the columns in the cache.
    for df in np.unique(freedom[freedom > 0]).tolist():
        rows = np.flatnonzero(freedom == df)
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            answers = _answers(_rows(baseline, block), _rows(trial, block), threshold, scale, df)
            for column, answer in zip(found, answers, strict=True):
                column[block] = answer
    return found


def sum_day_columns(diaries: Diaries) -> DaySums:
    """The twin of ``sctrial.certainty.sum_days``; every row needs a day. Raises TooLarge."""
    present = diaries.present
    scores = np.where(present, diaries.scores, 0)
    days = present.sum(axis=1)
    _require_room(scores, days)
    # As in the scalar body: days * score - total is whole, so nothing is rounded before the last division.
    about_mean = np.where(present, days[:, None] * scores - scores.sum(axis=1)[:, None], 0)
    share = (days * diaries.units).astype(np.float64) ** 2
    width = present.shape[1]
    return DaySums(
        days=days,
        mean=scores.sum(axis=1) / (days * diaries.units),
        squares=(about_mean * about_mean).sum(axis=1) / share,
        lag_products=(about_mean[:, 1:] * about_mean[:, :-1]).sum(axis=1) / share,
        lags=[_pairs(present, lag) for lag in range(1, min(max(width - 1, 1), LAGS) + 1)],
    )


def _pairs(present: Flags, lag: int) -> Ints:
    pairs: Ints = (present[:, lag:] & present[:, :-lag]).sum(axis=1)
    return pairs


def _require_room(scores: Ints, days: Ints) -> None:
    largest = float(np.abs(scores).max(initial=0)) * float(days.max(initial=0))
    if largest * largest * scores.shape[1] >= EXACT:
        raise TooLarge("the units of these scores are too fine for columns; compute such trials one by one")


def _answers(
    baseline: Diaries, trial: Diaries, threshold: float, scale: Scale, df: int
) -> tuple[Floats, Floats, Floats]:
    belief = compute_belief(
        sum_day_columns(baseline),
        after=sum_day_columns(trial),
        grid=Grid(float(scale.minimum), float(scale.maximum), _step(baseline, trial)),
        maths=COLUMNS,
    )
    quantile = student_quantile(UPPER_TAIL_STARTS, df=df)
    low, high, bounded = compute_interval(belief, quantile=quantile, maths=COLUMNS)
    probability = compute_probability(belief, threshold=threshold, df=df, maths=COLUMNS)
    return np.where(bounded, low, math.nan), np.where(bounded, high, math.nan), probability


def _rows(diaries: Diaries, rows: Ints) -> Diaries:
    return Diaries(diaries.scores[rows], diaries.present[rows], diaries.units[rows])


def _step(baseline: Diaries, trial: Diaries) -> Floats:
    # Score and units without their common divisor: the coarsest 1/k that carries every day of the side.
    fine = [
        side.units
        // np.gcd(side.units, np.gcd.reduce(np.where(side.present, side.scores, 0), axis=1, initial=0))
        for side in (baseline, trial)
    ]
    steps: Floats = 1.0 / np.lcm(*fine)
    return steps


def _clamp(values: Any, low: Any, high: Any) -> Floats:
    clamped: Floats = np.minimum(np.maximum(values, low), high)
    return clamped


def _each(function: Callable[[float], float]) -> Callable[[Floats], Floats]:
    # numpy has no erfc; the one of the standard library costs some 0.1 microseconds an element.
    def of_column(values: Floats) -> Floats:
        return np.fromiter(map(function, values.tolist()), np.float64, len(values))

    return of_column


COLUMNS: Final = Maths(np.sqrt, np.exp, _each(math.erfc), np.arctan, _clamp)
