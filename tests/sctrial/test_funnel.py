"""Funnel limits against binomial tails added up in whole numbers."""

from fractions import Fraction
from math import comb

import pytest

from sctrial.funnel import ALARM, WARNING, compute_funnel, compute_limits
from sctrial.intervals import Count, Interval

F = Fraction


def reached(r: int, n: int, share: Fraction) -> Fraction:
    """P(R <= r), exact."""
    return sum((comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(r + 1)), F(0))


def by_definition(n: int, share: Fraction, p: Fraction) -> float:
    """Spiegelhalter 2005, appendix, in rationals."""
    r = next(r for r in range(n + 1) if reached(r, n, share) > p)
    part = (reached(r, n, share) - p) / (reached(r, n, share) - reached(r - 1, n, share))
    return float(min(F(1), max(F(0), (r - part) / n)))


@pytest.mark.parametrize("n", [1, 7, 40, 120])
@pytest.mark.parametrize("share", [F(1, 10), F(2, 3)])
def test_limits_are_those_of_the_definition(n: int, share: Fraction) -> None:
    for inside in (WARNING, ALARM):
        tail = (1 - inside) / 2
        found = compute_limits(n, target=share, inside=inside)
        assert found.low == pytest.approx(by_definition(n, share, tail), abs=1e-9)
        assert found.high == pytest.approx(by_definition(n, share, 1 - tail), abs=1e-9)


def test_limits_of_many_trials_are_the_normal_ones() -> None:
    found = compute_limits(10_000, target=F(1, 2), inside=WARNING)
    half = 1.96 * (0.25 / 10_000) ** 0.5
    assert [found.low, found.high] == pytest.approx([0.5 - half, 0.5 + half], abs=1e-4)


def test_the_target_is_the_share_of_all_together_and_an_empty_clinic_has_no_place() -> None:
    found = compute_funnel({"B": Count(32, 40), "A": Count(8, 40), "none yet": Count(0, 0)})

    assert found.target == F(32 + 8, 40 + 40)
    assert [(place.name, place.is_outside) for place in found.places] == [("A", True), ("B", True)]


def test_where_everybody_met_every_limit_is_one() -> None:
    (place,) = compute_funnel({"A": Count(5, 5)}).places
    assert (place.alarm, place.is_outside) == (Interval(1.0, 1.0), False)


def test_nobody_has_no_funnel() -> None:
    assert compute_funnel({}).target is None
