"""While the leads are in: how likely the rule is met by the planned end, and what one more day would settle.

For staff only. Never shown to patients: a patient who knows which evening decides no longer reports pain but
an opinion on the implant. A forecast informs the plan of the next days; it is no verdict.

Closed form, no sampling, no clock: "today" is the last day that is known, and it is an argument.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.belief import (
    Belief,
    Grid,
    Side,
    compute_sides,
    degrees_of_freedom,
    join_sides,
    mean_error,
    repeats_per_day,
)
from sctrial.certainty import UPPER_TAIL_STARTS, count_lags, grid_of, step_of, sum_days
from sctrial.distributions import student_cdf, student_quantile
from sctrial.scales import Scale
from sctrial.windows import Window, WindowKind

#: Further days whose worth is told.
MORE_DAYS: Final = (0, 1, 2, 3)


class NoForecast(StrEnum):
    """Why there is no forecast."""

    BASELINE_MISSING = "baseline_missing"
    BASELINE_ZERO = "baseline_zero"
    TRIAL_MISSING = "trial_missing"
    WINDOW_REPORT_ONLY = "window_report_only"
    WINDOW_EMPTY = "window_empty"


@dataclass(frozen=True, slots=True)
class Forecast:
    """``probability`` that the window at the planned end shows the reduction the rule asks for, 0 to 1.

    ``settled`` has, for 0, 1, 2 and 3 more days, the probability that the threshold then lies outside the
    90 % interval of the true reduction, on either side; the first is 0 or 1, for today is known. A trial that
    three more days will hardly settle is no reason to leave the leads in. None with a ``reason``.
    """

    probability: float | None
    settled: tuple[float, ...] | None
    days_known: int
    days_to_come: int
    reason: NoForecast | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What was fixed before the leads went in: first and planned last trial day, window, threshold 0 to 1."""

    first_day: date
    last_day: date
    window: Window
    threshold: Fraction


def compute_forecast(
    baseline: Mapping[date, Fraction],
    *,
    trial: Mapping[date, Fraction],
    today: date,
    plan: Planned,
    scale: Scale,
) -> Forecast:
    """The forecast from the days of the baseline window and all trial days up to ``today``, in scale points.

    The rule: the mean of the window that ends on the planned last day is at most ``(1 - threshold)`` times
    the mean of the given baseline, compared exactly. Every day after ``today`` is taken to be answered; days
    up to ``today`` without a value stay missing. Days after the planned end are not looked at.
    """
    first = _FIRST_COUNTED[plan.window.kind](plan)
    # Days that the window leaves out by name (procedure pain) say nothing about those it counts.
    begin = first if plan.window.kind is WindowKind.EXCLUDE_FIRST_N_DAYS else plan.first_day.toordinal()
    end = min(today, plan.last_day).toordinal()
    known = {day: value for day, value in trial.items() if begin <= day.toordinal() <= end}
    to_come = list(range(max(today.toordinal() + 1, first), plan.last_day.toordinal() + 1))
    counted = [value for day, value in known.items() if day.toordinal() >= first]
    reason = _nothing_to_say(baseline, known, plan, len(counted) + len(to_come))
    if reason is not None:
        return Forecast(None, None, len(known), len(to_come), reason)
    look = _Look(baseline, known, grid_of(scale, values=(baseline, known)))
    probability = _probability(look, counted=counted, to_come=to_come, threshold=plan.threshold)
    evening = min(today, plan.last_day)
    settled = compute_settled(baseline, trial=known, today=evening, threshold=plan.threshold, scale=scale)
    return Forecast(probability, settled, len(known), len(to_come))


def compute_settled(
    baseline: Mapping[date, Fraction],
    *,
    trial: Mapping[date, Fraction],
    today: date,
    threshold: Fraction,
    scale: Scale,
) -> tuple[float, ...]:
    """For each of ``MORE_DAYS``: probability that the threshold then lies outside the 90 % interval.

    With d and w the mean and variance of ``(1 - threshold) * baseline - trial`` today and w_k the variance
    after k more days, d moves by a t step of variance w - w_k; a large step also raises the estimated spread
    (``_crossing``). Source: preposterior analysis, Raiffa and Schlaifer 1961. Both sides need a day.
    """
    look = _Look(baseline, trial, grid_of(scale, values=(baseline, trial)))
    return tuple(_settled_after(look, more, today=today, kept=1.0 - float(threshold)) for more in MORE_DAYS)


class _Look:
    """What is known today: the sums, both sides and the spread, computed once."""

    def __init__(self, baseline: Mapping[date, Fraction], trial: Mapping[date, Fraction], grid: Grid) -> None:
        self.before, self.after, self.grid = sum_days(baseline), sum_days(trial), grid
        self.baseline, self.trial = baseline, trial
        self.spread, self.before_side, self.after_side = compute_sides(
            self.before, after=self.after, grid=grid
        )
        self.df = degrees_of_freedom(len(baseline), days_after=len(trial))

    @property
    def belief(self) -> Belief:
        """Both means, with the prior on relief."""
        return join_sides(self.before_side, trial=self.after_side, spread=self.spread)


def _probability(
    look: _Look, *, counted: Sequence[Fraction], to_come: Sequence[int], threshold: Fraction
) -> float:
    limit = _limit(look, counted, len(to_come), threshold)
    if not to_come:
        return 1.0 if limit >= 0 else 0.0
    step = step_of(look.baseline, look.trial)
    # Sums of scores lie on the grid: the last one that meets the rule owns half a step beyond itself.
    last_that_meets = step * (math.floor(limit / step) + Fraction(1, 2))
    mean, variance = _sum_to_come(look, to_come)
    return float(student_cdf((float(last_that_meets) - mean) / math.sqrt(variance), df=look.df))


def _limit(look: _Look, counted: Sequence[Fraction], to_come: int, threshold: Fraction) -> Fraction:
    # What the days to come may add up to at most, exactly.
    baseline_mean = sum(look.baseline.values(), Fraction(0)) / len(look.baseline)
    return (1 - threshold) * baseline_mean * (len(counted) + to_come) - sum(counted, Fraction(0))


def _sum_to_come(look: _Look, to_come: Sequence[int]) -> tuple[float, float]:
    """Mean and variance of the sum of the reported scores to come, given the days so far.

    The level of reported trial scores is the mean so far, weighed against the prior on relief. A day's noise
    fades as ``lag1^k`` from the last known day; its variance is what clipping at that level leaves.
    """
    lag1, share = look.spread.lag1, look.after_side.variance_share
    variance = look.spread.variance * share
    level = _reported_level(look, variance)
    last = max(look.trial)
    carried = [lag1 ** (day - last.toordinal()) for day in to_come]
    echo = sum(carried)
    noise = max(variance - look.grid.rounding, 0.0)
    among = sum(lag1 ** abs(one - other) for one in to_come for other in to_come)
    mean = len(to_come) * level.mean + echo * (float(look.trial[last]) - level.mean)
    doubt = (len(to_come) - echo) ** 2 * level.error + noise * (among - echo * echo)
    return mean, doubt + len(to_come) * look.grid.rounding


def _reported_level(look: _Look, variance: float) -> Side:
    repeats = repeats_per_day(look.after, lag1=look.spread.lag1)
    error = mean_error(look.after.days, repeats=repeats, variance=variance, grid=look.grid)
    after = Side(look.after.mean, error, look.after_side.variance_share)
    belief = join_sides(look.before_side._replace(mean=look.before.mean), trial=after, spread=look.spread)
    return Side(belief.trial, belief.trial_variance, after.variance_share)


def _settled_after(look: _Look, more: int, *, today: date, kept: float) -> float:
    mean, variance = look.belief.drop(kept)
    later = _trial_error_after(look, more, today)
    side = look.after_side._replace(error=later)
    remaining = min(join_sides(look.before_side, trial=side, spread=look.spread).drop(kept)[1], variance)
    quantile = student_quantile(UPPER_TAIL_STARTS, df=look.df + more)
    square = quantile * quantile * remaining
    if not more:
        return 1.0 if mean * mean >= square else 0.0
    return _crossing(abs(mean), moves=math.sqrt(variance - remaining), square=square, df=look.df, more=more)


def _crossing(mean: float, *, moves: float, square: float, df: int, more: int) -> float:
    """Probability of ``(mean + moves x)^2 >= square (df + more - 1 + x^2) / (df + more)``, x being t.

    A surprising day moves the mean by x and raises the estimated variance by x^2 with it; the other new days
    leave it as it is. What holds is a quadratic in x, so the answer is the t measure between two roots.
    """
    each = square / (df + more)
    a, b, c = moves * moves - each, mean * moves, mean * mean - each * (df + more - 1)
    root = b * b - a * c
    if root <= 0.0:
        return 1.0 if a > 0.0 else 0.0
    if a == 0.0:
        return 1.0 - float(student_cdf(-0.5 * c / b, df=df))
    ends = (-b - math.sqrt(root)) / a, (-b + math.sqrt(root)) / a
    between = float(student_cdf(max(ends), df=df) - student_cdf(min(ends), df=df))
    return between if a < 0.0 else 1.0 - between


def _trial_error_after(look: _Look, more: int, today: date) -> float:
    start = max(today, *look.trial).toordinal()
    days = sorted({day.toordinal() for day in look.trial} | {start + n for n in range(1, more + 1)})
    sums = look.after._replace(days=len(days), lags=count_lags(days))
    spread, grid = look.spread, look.grid
    now, then = (
        mean_error(
            side.days, repeats=repeats_per_day(side, lag1=spread.lag1), variance=spread.variance, grid=grid
        )
        for side in (look.after, sums)
    )
    # Clipping scales the error of a mean by the same share however many days it rests on.
    return float(look.after_side.error * then / now)


def _nothing_to_say(
    baseline: Mapping[date, Fraction], known: Mapping[date, Fraction], plan: Planned, in_window: int
) -> NoForecast | None:
    checks: tuple[tuple[bool, NoForecast], ...] = (
        (plan.window.report_only, NoForecast.WINDOW_REPORT_ONLY),
        (not baseline, NoForecast.BASELINE_MISSING),
        (not any(baseline.values()), NoForecast.BASELINE_ZERO),
        (not in_window, NoForecast.WINDOW_EMPTY),
        (not known, NoForecast.TRIAL_MISSING),
    )
    return next((reason for is_so, reason in checks if is_so), None)


def _from_the_end(plan: Planned) -> int:
    return max(plan.last_day.toordinal() - (plan.window.n or 1) + 1, plan.first_day.toordinal())


def _from_the_start(plan: Planned) -> int:
    return plan.first_day.toordinal() + (plan.window.n or 0)


_FIRST_COUNTED: Final[Mapping[WindowKind, Callable[[Planned], int]]] = MappingProxyType(
    {
        WindowKind.LAST_N_DAYS: _from_the_end,
        WindowKind.WHOLE_PHASE: _from_the_start,
        WindowKind.EXCLUDE_FIRST_N_DAYS: _from_the_start,
        # Never used for a forecast; the first day keeps the table whole.
        WindowKind.BEST_DAY: _from_the_start,
    }
)
