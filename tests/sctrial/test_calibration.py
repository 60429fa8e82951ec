"""Forecasts in bins, small enough to count by hand."""

import pytest

from sctrial.calibration import EDGES, ENOUGH, BadForecast, Forecast, compute_calibration
from sctrial.intervals import Count


def test_each_forecast_is_in_one_bin_and_the_last_bin_holds_certainty() -> None:
    forecasts = [
        Forecast(p, happened) for p, happened in ((0.0, False), (0.2, True), (0.9, True), (1.0, True))
    ]
    bins = compute_calibration(forecasts).bins

    assert [one.happened.count for one in bins] == [
        Count(0, 1),
        Count(1, 1),
        Count(0, 0),
        Count(0, 0),
        Count(2, 2),
    ]
    assert [one.mean_forecast for one in bins] == [0.0, 0.2, None, None, pytest.approx((0.9 + 1) / 2)]


def test_the_brier_score_is_the_mean_squared_error() -> None:
    forecasts = [Forecast(0.9, True), Forecast(0.6, False)]
    assert compute_calibration(forecasts).brier == pytest.approx((0.1**2 + 0.6**2) / 2)


def test_always_one_half_scores_a_quarter() -> None:
    forecasts = [Forecast(0.5, happened) for happened in (True, False, True)]
    assert compute_calibration(forecasts).brier == 0.25


def test_a_bin_is_small_below_ten() -> None:
    sizes = [
        compute_calibration([Forecast(0.1, happened=False)] * n, edges=EDGES).bins[0].is_small
        for n in (ENOUGH - 1, ENOUGH)
    ]
    assert sizes == [True, False]


def test_nobody_has_no_score() -> None:
    assert compute_calibration([]).brier is None


def test_a_probability_above_one_is_refused() -> None:
    with pytest.raises(BadForecast, match="between 0 and 1"):
        compute_calibration([Forecast(1.2, happened=True)])
