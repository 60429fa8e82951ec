"""Normal, clipped normal and Student's t against printed tables and plain integration."""

import math
from collections.abc import Callable
from statistics import NormalDist

import pytest

from sctrial.distributions import (
    MOST_DEGREES,
    clipped_normal,
    normal_cdf,
    normal_density,
    student_cdf,
    student_quantile,
)

# fmt: off
#: Upper 5 % points of Student's t as every printed table has them (Abramowitz and Stegun 1964, table 26.10).
UPPER_FIVE_PERCENT = [
    (1,  6.314),
    (2,  2.920),
    (3,  2.353),
    (4,  2.132),
    (5,  2.015),
    (10, 1.812),
    (15, 1.753),
    (30, 1.697),
    (60, 1.671),
]
# fmt: on


@pytest.mark.parametrize(("df", "printed"), UPPER_FIVE_PERCENT)
def test_quantiles_of_t_are_those_of_the_printed_table(df: int, printed: float) -> None:
    assert round(student_quantile(0.95, df=df), 3) == printed


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7, 12, 60])
def test_t_is_the_integral_of_its_density(df: int) -> None:
    scale = math.gamma((df + 1) / 2) / math.gamma(df / 2) / math.sqrt(df * math.pi)

    def density(t: float) -> float:
        return scale * math.pow(1 + t * t / df, -(df + 1) / 2)

    for t in (0.3, 1.0, 2.5):
        expected = 0.5 + _integral(density, 0, t)

        assert student_cdf(t, df=df) == pytest.approx(expected, abs=1e-10)
        assert student_cdf(-t, df=df) == pytest.approx(1 - expected, abs=1e-10)


def test_two_degrees_of_freedom_have_a_closed_form() -> None:
    """F(t) = 1/2 + t / (2 sqrt(2 + t^2)), so F(1) is 1/2 + 1 / (2 sqrt 3)."""
    assert student_cdf(1.0, df=2) == pytest.approx(1 / 2 + 1 / (2 * math.sqrt(3)), abs=1e-15)


def test_beyond_the_most_degrees_t_is_no_longer_told_apart() -> None:
    assert student_cdf(1.5, df=MOST_DEGREES) == student_cdf(1.5, df=10 * MOST_DEGREES)
    assert student_quantile(0.95, df=MOST_DEGREES) == pytest.approx(NormalDist().inv_cdf(0.95), abs=0.01)


@pytest.mark.parametrize("probability", [0.49, 1.0, 1.5])
def test_a_quantile_outside_the_upper_half_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="mirrored quantile"):
        student_quantile(probability, df=5)


@pytest.mark.parametrize("z", [-8.0, -2.0, -0.5, 0.0, 1.0, 3.0])
def test_the_normal_distribution_agrees_with_the_standard_library(z: float) -> None:
    assert normal_cdf(z) == pytest.approx(NormalDist().cdf(z), rel=1e-9, abs=1e-16)
    assert normal_density(z) == pytest.approx(NormalDist().pdf(z), rel=1e-12)


@pytest.mark.parametrize(("mean", "sd"), [(5.0, 1.3), (0.5, 2.0), (9.0, 1.5), (0.0, 1.0), (10.0, 2.0)])
def test_clipped_moments_are_those_of_the_cut_off_variable(mean: float, sd: float) -> None:
    normal = NormalDist(mean, sd)

    def moment(power: int) -> float:
        inside = _integral(lambda x: x**power * normal.pdf(x), 0, 10)
        return inside + math.pow(10, power) * (1 - normal.cdf(10))

    clipped = clipped_normal(mean, sd=sd, ends=(0.0, 10.0))

    assert clipped.mean == pytest.approx(moment(1), abs=1e-9)
    assert clipped.variance_share == pytest.approx((moment(2) - moment(1) ** 2) / sd**2, abs=1e-9)
    assert clipped.slope == pytest.approx(normal.cdf(10) - normal.cdf(0), abs=1e-12)


def test_far_from_both_ends_nothing_is_clipped() -> None:
    assert clipped_normal(5.0, sd=0.5, ends=(0.0, 10.0)) == pytest.approx((5.0, 1.0, 1.0), abs=1e-12)


def _integral(function: Callable[[float], float], low: float, high: float) -> float:
    # Simpson's rule; the functions here are smooth, so 2,000 pieces are more than enough.
    pieces = 2000
    width = (high - low) / pieces
    weights = (1 if n in {0, pieces} else 4 if n % 2 else 2 for n in range(pieces + 1))
    return sum(weight * function(low + n * width) for n, weight in enumerate(weights)) * width / 3
