"""Intervals of a proportion and of a difference of two proportions, on the standard library alone.

Counts and shares are exact; the ends of an interval are floats between 0 and 1 (a difference: -1 and 1).
Wald intervals are here because published papers used them and must be checkable; show Wilson or Newcombe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import hypot, sqrt
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from sctrial.binomial import compute_beta_quantile

CONFIDENCE: Final = Fraction(95, 100)


class ProportionMethod(StrEnum):
    """How an interval of one proportion is made."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper_pearson"


class DifferenceMethod(StrEnum):
    """How an interval of a difference of two independent proportions is made."""

    NEWCOMBE = "newcombe"
    WALD = "wald"
    WALD_CONTINUITY = "wald_continuity"


class NoInterval(StrEnum):
    """Why there is no interval."""

    NO_PATIENTS = "no_patients"


class ImpossibleCount(ValueError):
    """Counts that no group of patients can have, or a confidence outside 0 to 1."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends, as shares: 0.5 is 50 %."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Count:
    """``met`` patients of ``of``. Raises ImpossibleCount."""

    met: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.met <= self.of:
            raise ImpossibleCount(f"{self.met} of {self.of} cannot be; correct the counts")

    @property
    def share(self) -> Fraction | None:
        """``met / of``, exact; None of nobody."""
        return Fraction(self.met, self.of) if self.of else None


@dataclass(frozen=True, slots=True)
class Proportion:
    """A proportion with its interval, or the reason why there is none."""

    count: Count
    method: ProportionMethod
    confidence: Fraction
    interval: Interval | None
    reason: NoInterval | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """``share``: first minus second, exact; positive when the first group does better."""

    first: Count
    second: Count
    method: DifferenceMethod
    confidence: Fraction
    share: Fraction | None
    interval: Interval | None
    reason: NoInterval | None = None


def compute_proportion(
    count: Count,
    *,
    method: ProportionMethod = ProportionMethod.WILSON,
    confidence: Fraction = CONFIDENCE,
) -> Proportion:
    """The proportion with its two-sided interval; of nobody there is none, and a reason instead.

    ``WILSON`` inverts the score test: ``(p + z^2/2n -+ z*sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)``.
    ``CLOPPER_PEARSON`` inverts the exact binomial test, so it covers at least ``confidence`` and is wider;
    its ends are right to 1e-12 for up to 300,000 patients.
    None of n has the lower end 0, all of n the upper end 1, exactly. Raises ImpossibleCount.

    Source: Wilson 1927; Clopper and Pearson 1934; compared by Newcombe 1998 (Stat Med 17:857).
    """
    alpha = _alpha(confidence)
    if not count.of:
        return Proportion(count, method, confidence, None, NoInterval.NO_PATIENTS)
    return Proportion(count, method, confidence, _PROPORTION[method](count, alpha))


def compute_difference(
    first: Count,
    *,
    second: Count,
    method: DifferenceMethod = DifferenceMethod.NEWCOMBE,
    confidence: Fraction = CONFIDENCE,
) -> Difference:
    """First share minus second with its interval; an empty group gives none, and a reason instead.

    ``NEWCOMBE`` (hybrid score, without continuity correction) squares and adds the distances to the Wilson
    ends l and u of each group: ``d - sqrt((p1-l1)^2 + (u2-p2)^2)``, ``d + sqrt((u1-p1)^2 + (p2-l2)^2)``.
    ``WALD``: ``d -+ z*sqrt(p1(1-p1)/n1 + p2(1-p2)/n2)``; ``WALD_CONTINUITY`` is wider by
    ``(1/n1 + 1/n2)/2`` on each side. Both Wald forms may pass 1 and have no width at 0/n or n/n.
    Raises ImpossibleCount.

    Source: Newcombe 1998 (Stat Med 17:873), methods 10, 1 and 2.
    """
    alpha = _alpha(confidence)
    if first.share is None or second.share is None:
        return Difference(first, second, method, confidence, None, None, NoInterval.NO_PATIENTS)
    interval = _DIFFERENCE[method](first, second, alpha)
    return Difference(first, second, method, confidence, first.share - second.share, interval)


def display_interval(interval: Interval | None) -> str:
    """Percent with one decimal, half away from zero: "80.0 to 92.9 %"; None is "no interval"."""
    if interval is None:
        return "no interval"
    return f"{_percent(interval.low)} to {_percent(interval.high)} %"


def _percent(share: float) -> str:
    # In whole tenths of a percent, so that no formatting rounds to even and no "-0.0" appears.
    tenths = Fraction(share) * 1000
    units = (2 * abs(tenths.numerator) + tenths.denominator) // (2 * tenths.denominator)
    return f"{'-' if units and share < 0 else ''}{units // 10}.{units % 10}"


def _alpha(confidence: Fraction) -> float:
    if not 0 < confidence < 1:
        raise ImpossibleCount(f"a confidence of {confidence} cannot be; give one between 0 and 1")
    return float(1 - confidence)


def _z(alpha: float) -> float:
    # statistics.NormalDist: algorithm AS 241 (Wichura 1988), about 16 digits.
    return NormalDist().inv_cdf(1 - alpha / 2)


def _wilson(count: Count, alpha: float) -> Interval:
    n, share, z = count.of, count.met / count.of, _z(alpha)
    shrunk = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrunk
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / shrunk
    return Interval(
        # Rounding would leave 1e-18 where the formula says 0.
        low=centre - half if count.met else 0.0,
        high=centre + half if count.met < n else 1.0,
    )


def _clopper_pearson(count: Count, alpha: float) -> Interval:
    met, n = count.met, count.of
    # P(at least met | p) = I_p(met, n-met+1), and P(at most met | p) = 1 - I_p(met+1, n-met).
    return Interval(
        low=compute_beta_quantile(alpha / 2, a=met, b=n - met + 1) if met else 0.0,
        # The mirror image keeps the small tail, where floats are finest.
        high=1 - compute_beta_quantile(alpha / 2, a=n - met, b=met + 1) if met < n else 1.0,
    )


def _newcombe(first: Count, second: Count, alpha: float) -> Interval:
    one, two = _wilson(first, alpha), _wilson(second, alpha)
    p1, p2 = first.met / first.of, second.met / second.of
    return Interval(
        low=p1 - p2 - hypot(p1 - one.low, two.high - p2),
        high=p1 - p2 + hypot(one.high - p1, p2 - two.low),
    )


def _wald(first: Count, second: Count, alpha: float) -> Interval:
    return _around(first, second, _z(alpha) * _wald_error(first, second))


def _wald_continuity(first: Count, second: Count, alpha: float) -> Interval:
    correction = (1 / first.of + 1 / second.of) / 2
    return _around(first, second, _z(alpha) * _wald_error(first, second) + correction)


def _wald_error(first: Count, second: Count) -> float:
    return sqrt(sum(each.met * (each.of - each.met) / each.of**3 for each in (first, second)))


def _around(first: Count, second: Count, half: float) -> Interval:
    middle = first.met / first.of - second.met / second.of
    return Interval(middle - half, middle + half)


_PROPORTION: Final[Mapping[ProportionMethod, Callable[[Count, float], Interval]]] = MappingProxyType(
    {ProportionMethod.WILSON: _wilson, ProportionMethod.CLOPPER_PEARSON: _clopper_pearson}
)
_DIFFERENCE: Final[Mapping[DifferenceMethod, Callable[[Count, Count, float], Interval]]] = MappingProxyType(
    {
        DifferenceMethod.NEWCOMBE: _newcombe,
        DifferenceMethod.WALD: _wald,
        DifferenceMethod.WALD_CONTINUITY: _wald_continuity,
    }
)
