"""How sure the percent reduction is: a 90 % interval, and the probability that the true one is large enough.

The *true reduction* is ``(baseline - trial) / baseline`` of the patient's underlying mean pain in the two
phases: the level that the days scatter about, before a score is rounded to the grid and cut off at the ends
of the scale. It belongs to the patient, not to the answer sheet: a baseline whose bad days would be a 12 is
not milder because the scale ends at 10. The means of reported scores differ from it only near the ends of
the scale; docs/methods/certainty.md prints the calibration under both readings.

Closed form, no sampling, no clock: the same days give the same figures. Never shown to patients.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from sctrial.belief import LAGS, Belief, DaySums, Grid, compute_belief, degrees_of_freedom
from sctrial.distributions import SCALAR, Maths, student_cdf, student_quantile
from sctrial.scales import Scale
from sctrial.windows import WindowFigures

#: Raised whenever the same days could be given other figures.
METHOD: Final = "student-ratio/1"
#: The 90 % interval leaves 5 % on each side.
UPPER_TAIL_STARTS: Final = 0.95
_NO_LOWER_PAIN: Final = 100.0
#: Largest g = quantile^2 * squared error / mean^2 of a baseline; at 1 the interval is the whole line. [D]
_NEAR_ZERO: Final = 0.5


class NoInterval(StrEnum):
    """Why a figure is missing."""

    BASELINE_MISSING = "baseline_missing"
    TRIAL_MISSING = "trial_missing"
    BASELINE_ZERO = "baseline_zero"
    #: The days hardly tell the baseline mean from 0, so next to nothing bounds a ratio to it.
    BASELINE_NEAR_ZERO = "baseline_near_zero"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the figures rest on: both means before clipping, SD of days (points), correlation; all shrunk."""

    baseline_days: int
    trial_days: int
    baseline_mean: float
    trial_mean: float
    day_sd: float
    lag1: float
    degrees_of_freedom: int


@dataclass(frozen=True, slots=True)
class Certainty:
    """``interval_90`` in percent, low then high; ``probability`` of a true reduction >= ``threshold``.

    None with a ``reason`` where there is no figure. ``probability`` may be there without an interval: it asks
    whether ``(1 - threshold) * baseline - trial`` is at least 0 and divides by nothing.
    """

    threshold: Fraction
    interval_90: tuple[float, float] | None
    probability: float | None
    reason: NoInterval | None = None
    inputs: Inputs | None = None
    method: str = METHOD

    def canonical(self) -> dict[str, object]:
        """Plain and stable: percents with two decimals, the rest with four, as text; for storing and sealing.

        Two machines may differ in the last of sixteen digits of a float; the text does not carry them.
        """
        interval = self.interval_90
        return {
            "method": self.method,
            "threshold": f"{self.threshold.numerator}/{self.threshold.denominator}",
            "interval_90": None if interval is None else [_text(end, places=2) for end in interval],
            "probability": None if self.probability is None else _text(self.probability, places=4),
            "reason": None if self.reason is None else self.reason.value,
            "inputs": None if self.inputs is None else _inputs_out(self.inputs),
        }

    @property
    def printed_interval_90(self) -> tuple[float, float] | None:
        """The interval rounded to hundredths of a percent, as JSON numbers carry it."""
        interval = self.interval_90
        return (
            None if interval is None else (_rounded(interval[0], places=2), _rounded(interval[1], places=2))
        )

    @property
    def printed_probability(self) -> float | None:
        """The probability rounded to four decimals, as JSON numbers carry it."""
        return None if self.probability is None else _rounded(self.probability, places=4)


def compute_certainty(
    baseline: Mapping[date, Fraction], *, trial: Mapping[date, Fraction], threshold: Fraction, scale: Scale
) -> Certainty:
    """Interval and probability from the values of the days in both windows, in points of ``scale``.

    The threshold is a share (1/2 is 50 %), above 0 and at most 1; positive is relief. Without a day on one
    side, or with a baseline of nothing but zeros, there is no figure and a reason; with a baseline near 0
    there is a probability and no interval. Missing days are gaps in the calendar, never filled in.
    Source: Fieller 1954; its calibration on few days stands in docs/methods/certainty.md.
    """
    reason = _nothing_to_say(baseline, trial)
    if reason is not None:
        return Certainty(threshold, None, None, reason)
    belief = compute_belief(
        sum_days(baseline), after=sum_days(trial), grid=grid_of(scale, values=(baseline, trial))
    )
    df = degrees_of_freedom(len(baseline), days_after=len(trial))
    interval = _interval(belief, df)
    return Certainty(
        threshold,
        interval,
        compute_probability(belief, threshold=float(threshold), df=df),
        None if interval is not None else NoInterval.BASELINE_NEAR_ZERO,
        _inputs(belief, len(baseline), len(trial), df),
    )


def days_within(day_values: Mapping[date, Fraction], *, figures: WindowFigures) -> dict[date, Fraction]:
    """The days of ``day_values`` inside the window that ``figures`` sums up; none for an empty window."""
    first, last = figures.first_day, figures.last_day
    if first is None or last is None:
        return {}
    return {day: value for day, value in day_values.items() if first <= day <= last}


def compute_probability(belief: Belief, *, threshold: Any, df: int, maths: Maths = SCALAR) -> Any:
    """Probability that the true reduction is at least ``threshold`` (0.5 is 50 %).

    ``F_t(d / sqrt(w))`` with d and w the mean and variance of ``(1 - threshold) * baseline - trial``. It
    never rises with the threshold; the proof is in docs/methods/certainty.md.
    """
    mean, variance = belief.drop(1.0 - threshold)
    return student_cdf(mean / maths.sqrt(variance), df=df, maths=maths)


def compute_interval(belief: Belief, *, quantile: Any, maths: Maths = SCALAR) -> tuple[Any, Any, Any]:
    """Low and high reduction in percent where the probability is 95 % and 5 %, and whether there is such.

    The two roots in ``kept`` of ``mean^2 = quantile^2 * variance`` of ``Belief.drop``: Fieller's quadratic.
    The high end stops at 100 %, for no mean lies below no pain. The third answer is false where the baseline
    is not well told from 0 (Fieller's g of one half and more); then the ends mean nothing.
    """
    square = quantile * quantile
    a = belief.baseline * belief.baseline - square * belief.baseline_variance
    b = belief.baseline * belief.trial - square * belief.covariance
    c = belief.trial * belief.trial - square * belief.trial_variance
    bounded = square * belief.baseline_variance < _NEAR_ZERO * belief.baseline * belief.baseline
    # Rounding may leave a hair below 0 under the root, and what is not bounded still needs a divisor.
    root = maths.sqrt(maths.clamp(b * b - a * c, 0.0, math.inf))
    divisor = a * bounded + (1.0 - bounded)
    low, high = 100.0 * (1.0 - (b + root) / divisor), 100.0 * (1.0 - (b - root) / divisor)
    return low, maths.clamp(high, -math.inf, _NO_LOWER_PAIN), bounded


def sum_days(values: Mapping[date, Fraction]) -> DaySums:
    """The sums of one phase; whole numbers until the last division, so no order of adding matters."""
    units = math.lcm(*(value.denominator for value in values.values()))
    scores = {
        day.toordinal(): value.numerator * (units // value.denominator) for day, value in values.items()
    }
    days, total = len(scores), sum(scores.values())
    about_mean = {day: days * score - total for day, score in scores.items()}
    share = (days * units) ** 2
    neighbours = sum(about_mean[day] * about_mean.get(day + 1, 0) for day in about_mean)
    return DaySums(
        days=days,
        mean=total / (days * units),
        squares=sum(away * away for away in about_mean.values()) / share,
        lag_products=neighbours / share,
        lags=count_lags(scores),
    )


def count_lags(days: Collection[int]) -> list[int]:
    """Number of pairs of ``days`` (ordinals) that lie 1, 2, 3 ... days apart; at least the first is given."""
    furthest = min(max(max(days) - min(days), 1), LAGS)
    held = frozenset(days)
    return [sum(day + lag in held for day in days) for lag in range(1, furthest + 1)]


def grid_of(scale: Scale, *, values: tuple[Mapping[date, Fraction], ...]) -> Grid:
    """Ends of ``scale`` and the step on which the given days lie."""
    return Grid(float(scale.minimum), float(scale.maximum), float(step_of(*values)))


def step_of(*values: Mapping[date, Fraction]) -> Fraction:
    """The coarsest ``1/k`` scale points that carries every given day.

    A scale that allows thousandths is mostly answered in whole points; what was written tells the rounding.
    """
    return Fraction(1, math.lcm(*(value.denominator for side in values for value in side.values())))


def _nothing_to_say(baseline: Mapping[date, Fraction], trial: Mapping[date, Fraction]) -> NoInterval | None:
    if not baseline:
        return NoInterval.BASELINE_MISSING
    if not any(baseline.values()):
        return NoInterval.BASELINE_ZERO
    return None if trial else NoInterval.TRIAL_MISSING


def _interval(belief: Belief, df: int) -> tuple[float, float] | None:
    low, high, bounded = compute_interval(belief, quantile=student_quantile(UPPER_TAIL_STARTS, df=df))
    return (low, high) if bounded else None


def _inputs(belief: Belief, baseline_days: int, trial_days: int, df: int) -> Inputs:
    spread = belief.spread
    day_sd = SCALAR.sqrt(spread.variance)
    return Inputs(baseline_days, trial_days, belief.baseline, belief.trial, day_sd, spread.lag1, df)


def _inputs_out(inputs: Inputs) -> dict[str, object]:
    return {
        "baseline_days": inputs.baseline_days,
        "trial_days": inputs.trial_days,
        "baseline_mean": _text(inputs.baseline_mean, places=4),
        "trial_mean": _text(inputs.trial_mean, places=4),
        "day_sd": _text(inputs.day_sd, places=4),
        "lag1": _text(inputs.lag1, places=4),
        "degrees_of_freedom": inputs.degrees_of_freedom,
    }


def _text(value: float, *, places: int) -> str:
    return f"{_rounded(value, places=places):.{places}f}"


def _rounded(value: float, *, places: int) -> float:
    # Adding 0.0 turns "-0.0" into "0.0".
    return round(value, places) + 0.0
