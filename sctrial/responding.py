"""Responder rates at several cut-offs beside the mean change: no cut-off alone tells what a cohort is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, sqrt
from statistics import fmean
from typing import Final

from sctrial.cohort import Outcome, Population, compute_responder_curve
from sctrial.intervals import CONFIDENCE, Count, Interval, Proportion, ProportionMethod, compute_proportion

#: Moderate and substantial relief (Dworkin 2008), and 80 % as in Evoke; 70 is a default of this project.
CUT_OFFS: Final = (30, 50, 70, 80)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Patients with at least ``cut_off`` percent reduction."""

    cut_off: int
    rate: Proportion


@dataclass(frozen=True, slots=True)
class Responders:
    """A rate for each cut-off; all are shares of the same patients."""

    rates: tuple[AtLeast, ...]
    of: int
    population: Population


def compute_responders(
    outcomes: Iterable[Outcome],
    *,
    cut_offs: Sequence[int] = CUT_OFFS,
    method: ProportionMethod = ProportionMethod.WILSON,
    missing_as_nonresponders: bool = False,
    confidence: Fraction = CONFIDENCE,
) -> Responders:
    """Rates of the cumulative curve at ``cut_offs``, boundary included, with the interval named ``method``.

    Who is left out is what ``compute_responder_curve`` says.

    Source: Farrar 2006.
    """
    curve = compute_responder_curve(
        outcomes, cut_offs=cut_offs, missing_as_nonresponders=missing_as_nonresponders
    )
    rates = tuple(
        AtLeast(
            point.cut_off,
            compute_proportion(Count(point.count, curve.of), method=method, confidence=confidence),
        )
        for point in curve.points
    )
    return Responders(rates, curve.of, curve.population)


@dataclass(frozen=True, slots=True)
class MeanOf:
    """Mean of ``n`` values with its interval, in their unit; None of too few."""

    n: int
    mean: float | None
    sd: float | None
    interval: Interval | None


def compute_mean(values: Sequence[float], *, confidence: Fraction = CONFIDENCE) -> MeanOf:
    """``mean -+ t * sd / sqrt(n)``, t with n-1 degrees of freedom; one value has no spread and no interval.

    Source: Student 1908.
    """
    n = len(values)
    if n < 2:
        return MeanOf(n, values[0] if values else None, None, None)
    from scipy.stats import t

    mean = fmean(values)
    # statistics.stdev adds fractions, which takes a hundred times as long for the same float.
    sd = sqrt(fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = float(t.ppf(float((1 + confidence) / 2), n - 1)) * sd / sqrt(n)
    return MeanOf(n, mean, sd, Interval(mean - half, mean + half))


def compute_mean_change(outcomes: Iterable[Outcome], *, confidence: Fraction = CONFIDENCE) -> MeanOf:
    """Mean of trial minus baseline in points, negative is relief, over trials with both sides.

    A zero baseline has a change though no percent; technical failures are left out.
    """
    changes = [
        float(one.trial_mean - one.baseline_mean)
        for one in outcomes
        if one.trial_mean is not None and one.baseline_mean is not None and not one.technical_failure
    ]
    return compute_mean(changes, confidence=confidence)
