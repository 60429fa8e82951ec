"""What a few noisy days say about two means: correlation, rounding, clipping and the declared prior."""

import math

import pytest

from sctrial.belief import (
    PRIOR,
    DaySums,
    Grid,
    Prior,
    Side,
    Spread,
    compute_belief,
    compute_sides,
    degrees_of_freedom,
    join_sides,
    mean_error,
    repeats_per_day,
    shrink_lag1,
)
from sctrial.distributions import clipped_normal

GRID = Grid(0.0, 10.0, 1.0)


def sums(
    days: int, mean: float, *, squares: float = 0.0, lag_products: float = 0.0, lags: object = None
) -> DaySums:
    """Consecutive days unless ``lags`` says otherwise."""
    pairs = lags if isinstance(lags, list) else [days - lag for lag in range(1, max(days, 2))]
    return DaySums(days, mean, squares, lag_products, pairs)


# fmt: off
REPEATS = [
    # days, pairs 1, 2, ... days apart, correlation, how many days are worth one
    (3, [2, 1],    0.0, 1.0),
    (3, [2, 1],    0.5, 1 + 2 / 3 * (2 * 0.5 + 1 * 0.25)),
    (3, [0, 2, 0, 1], 0.5, 1 + 2 / 3 * (2 * 0.25 + 1 * 0.0625)),   # every other day
    (1, [0],       0.5, 1.0),
    (2, [1],       1.0, 2.0),                                      # the second day says nothing new
]
# fmt: on


@pytest.mark.parametrize(("days", "lags", "lag1", "expected"), REPEATS)
def test_correlated_days_carry_less_news(days: int, lags: list[int], lag1: float, expected: float) -> None:
    assert repeats_per_day(sums(days, 5, lags=lags), lag1=lag1) == pytest.approx(expected, abs=1e-15)


def test_rounding_errors_do_not_follow_the_correlation_of_the_pain() -> None:
    """Variance 1 with 1/12 of rounding, two days worth one: (11/12 * 2 + 1/12) / 4."""
    assert mean_error(4, repeats=2.0, variance=1.0, grid=GRID) == pytest.approx((11 / 12 * 2 + 1 / 12) / 4)


def test_an_estimated_variance_below_rounding_is_all_rounding() -> None:
    assert mean_error(4, repeats=2.0, variance=1 / 24, grid=GRID) == pytest.approx((1 / 12) / 4)


def test_without_neighbouring_days_the_correlation_is_the_prior_one() -> None:
    apart = sums(3, 6, squares=4.0, lags=[0, 2, 0, 1])

    assert shrink_lag1(apart, after=sums(1, 3, lags=[0]), grid=GRID) == PRIOR.lag1


def test_the_correlation_follows_the_days_the_more_there_are() -> None:
    """Distances +1, -1, +1, -1 ... have lag products of -1 each, the strongest alternation there is."""
    few, many = (
        shrink_lag1(
            sums(days, 6, squares=days, lag_products=-(days - 1)), after=sums(1, 3, lags=[0]), grid=GRID
        )
        for days in (4, 20)
    )

    assert PRIOR.lag1 > few > many == 0.0


def test_no_correlation_beyond_the_declared_most() -> None:
    drifting = sums(60, 5, squares=60 * 4.0, lag_products=59 * 4.0)

    assert shrink_lag1(drifting, after=sums(1, 3, lags=[0]), grid=GRID) == PRIOR.lag1_most


def test_equal_scores_every_day_do_not_make_the_spread_zero() -> None:
    spread, _, _ = compute_sides(sums(7, 7), after=sums(3, 3), grid=GRID)

    assert 0.5 < math.sqrt(spread.variance) < 1.3


def test_the_more_days_the_less_the_prior_spread_counts() -> None:
    def day_sd(days: int, variance: float) -> float:
        side = sums(days, 5, squares=(days - 1) * variance, lags=[0])
        return math.sqrt(compute_sides(side, after=side, grid=GRID)[0].variance)

    assert 1.3 < day_sd(3, 4.0) < day_sd(7, 4.0) < day_sd(60, 4.0) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(("mean", "sd"), [(8.5, 2.0), (9.0, 1.5), (1.5, 1.5), (1.1, 1.3), (5.0, 1.3)])
def test_a_mean_near_the_end_of_the_scale_is_found_again(mean: float, sd: float) -> None:
    """Sixty days that show exactly the moments of the clipped variable give back the one that was clipped."""
    clipped = clipped_normal(mean, sd=sd, ends=GRID.ends)
    shown = sums(60, clipped.mean, squares=59 * clipped.variance_share * sd * sd, lags=[0])

    spread, side, _ = compute_sides(shown, after=shown, grid=GRID)

    assert side.mean == pytest.approx(mean, abs=0.06)
    assert abs(side.mean - mean) <= abs(clipped.mean - mean) + 1e-3
    assert math.sqrt(spread.variance) == pytest.approx(sd, abs=0.1)


def test_clipping_pulls_means_inward_so_they_are_moved_outward_but_never_off_the_scale() -> None:
    _, high, low = compute_sides(sums(7, 9, squares=6), after=sums(7, 1, squares=6), grid=GRID)
    _, ceiling, floor = compute_sides(sums(7, 10), after=sums(7, 0), grid=GRID)

    assert 9 < high.mean < 10
    assert 0 < low.mean < 1
    assert (ceiling.mean, floor.mean) == (10.0, 0.0)


SPREAD = Spread(1.0, 0.0)


def test_the_prior_on_relief_is_one_more_observation() -> None:
    """Hand-worked: baseline 8 known exactly, trial 2 with squared error 1, centre 4.

    Surprise 2; doubt 0.4^2 * 64 = 10.24, as t with 3 degrees (3 * 10.24 + 2^2) / 4 = 8.68;
    so the trial mean moves by 2 * 1 / (1 + 8.68).
    """
    belief = join_sides(Side(8.0, 0.0, 1.0), trial=Side(2.0, 1.0, 1.0), spread=SPREAD)

    assert belief.baseline == 8.0
    assert belief.trial == pytest.approx(2 + 2 * 1 / (1 + 8.68))
    assert belief.trial_variance == pytest.approx(1 - 1 / (1 + 8.68))
    assert belief.covariance == 0.0


def test_a_patient_who_is_far_worse_is_believed() -> None:
    belief = join_sides(Side(2.0, 0.3, 1.0), trial=Side(8.0, 0.5, 1.0), spread=SPREAD)

    assert belief.trial == pytest.approx(8.0, abs=0.4)


def test_the_prior_pulls_less_than_half_a_standard_error_in_an_ordinary_trial() -> None:
    before, after = sums(7, 7, squares=10.0), sums(3, 2, squares=3.0)
    _, _, alone = compute_sides(before, after=after, grid=GRID)

    pulled = compute_belief(before, after=after, grid=GRID).trial

    assert 0 < pulled - alone.mean < 0.5 * math.sqrt(alone.error)


def test_each_day_is_a_degree_of_freedom_less_the_two_means() -> None:
    assert degrees_of_freedom(7, days_after=3) == 7 + 3 - 2 + PRIOR.sd_days
    assert degrees_of_freedom(7, days_after=3, prior=Prior(sd_days=5)) == 7 + 3 - 2 + 5
