"""A funnel plot of clinics: how far from the common share a clinic of its size may lie by chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sctrial.intervals import Count, Interval

#: About two and three standard deviations. Source: Spiegelhalter 2005.
WARNING: Final = Fraction(95, 100)
ALARM: Final = Fraction(998, 1000)


@dataclass(frozen=True, slots=True)
class Place:
    """One clinic; ``warning`` and ``alarm`` are the limits, as shares, for a clinic of its size."""

    name: str
    count: Count
    warning: Interval
    alarm: Interval

    @property
    def is_outside(self) -> bool:
        """Whether its share lies outside the alarm limits: look, do not judge."""
        share = float(self.count.share or 0)
        return not self.alarm.low <= share <= self.alarm.high


@dataclass(frozen=True, slots=True)
class Funnel:
    """``target`` is the share of all clinics together, exact; None of nobody, and then there is no place."""

    target: Fraction | None
    places: tuple[Place, ...]


def compute_funnel(counts: Mapping[str, Count]) -> Funnel:
    """Each clinic with at least one trial, by name, beside the limits about the share of all together."""
    held = {name: count for name, count in sorted(counts.items()) if count.of}
    of = sum(count.of for count in held.values())
    if not of:
        return Funnel(None, ())
    target = Fraction(sum(count.met for count in held.values()), of)
    places = (
        Place(
            name,
            count,
            *(compute_limits(count.of, target=target, inside=inside) for inside in (WARNING, ALARM)),
        )
        for name, count in held.items()
    )
    return Funnel(target, tuple(places))


def compute_limits(n: int, *, target: Fraction, inside: Fraction) -> Interval:
    """Limits of a share in ``n`` (1 or more) trials, exact binomial, interpolated between two counts.

    For a tail p, r is the smallest count with ``P(R <= r) > p``, and the limit
    ``(r - (P(R <= r) - p) / P(R = r)) / n``, cut to 0 and 1.
    Source: Spiegelhalter 2005 (Stat Med 24:1185), appendix.
    """
    tail = float(1 - inside) / 2
    low, high = (_limit(n, float(target), p) for p in (tail, 1 - tail))
    return Interval(low, high)


def _limit(n: int, share: float, p: float) -> float:
    from scipy.stats import binom

    if share in (0.0, 1.0):
        return share
    r = int(binom.ppf(p, n, share))
    reached = float(binom.cdf(r, n, share))
    part = (reached - p) / float(binom.pmf(r, n, share))
    return min(1.0, max(0.0, (r - part) / n))
