"""Two measures of one thing side by side: the mean difference and the limits of agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import Final

from sctrial.intervals import CONFIDENCE, Interval

#: A spread needs two; an interval of the limits is of no use below.
FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Limit:
    """One figure with its interval, in the unit of the measures."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """``bias`` is the mean of first minus second; about 95 % of differences lie within the limits."""

    n: int
    bias: Limit
    low: Limit
    high: Limit
    sd: float


def compute_agreement(
    first: Sequence[float], *, second: Sequence[float], confidence: Fraction = CONFIDENCE
) -> Agreement | None:
    """Limits ``d -+ z*s`` of the differences with their intervals; None below three pairs.

    Standard errors ``s/sqrt(n)`` of the bias and ``s*sqrt(1/n + z^2/(2(n-1)))`` of a limit, on Student's t
    with n-1 degrees of freedom. Assumes differences that are about normal and do not grow with the size of
    what is measured: look at the drawing. Lists of unequal length raise ValueError.

    Source: Bland and Altman 1999.
    """
    differences = [one - other for one, other in zip(first, second, strict=True)]
    n = len(differences)
    if n < FEWEST:
        return None
    from scipy.stats import t

    bias, sd = fmean(differences), stdev(differences)
    upper = float((1 + confidence) / 2)
    z, quantile = NormalDist().inv_cdf(upper), float(t.ppf(upper, n - 1))
    of_limit = quantile * sd * sqrt(1 / n + z * z / (2 * (n - 1)))
    return Agreement(
        n=n,
        bias=_limit(bias, quantile * sd / sqrt(n)),
        low=_limit(bias - z * sd, of_limit),
        high=_limit(bias + z * sd, of_limit),
        sd=sd,
    )


def _limit(value: float, half: float) -> Limit:
    return Limit(value, Interval(value - half, value + half))
