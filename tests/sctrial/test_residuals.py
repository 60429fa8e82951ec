"""What a mixed model leaves over, by hand and on made-up days whose truth is known."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest

from sctrial.phases import DiaryPhase
from sctrial.pooling import fit_mixed_model
from sctrial.residuals import Residuals, compare_quantiles, compute_residuals, describe_spread
from tests.sctrial.test_pooling import frame_of

LENGTH = 7


def made_up(patients: int, *, slope: float = 0.0, alike: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Seven days of each phase; ``slope`` a day within the trial, neighbouring days ``alike`` by so much."""
    random = np.random.default_rng(seed)
    chance = random.standard_normal((patients, 2 * LENGTH))
    for place in range(1, 2 * LENGTH):
        chance[:, place] = alike * chance[:, place - 1] + sqrt(1 - alike**2) * chance[:, place]
    course = np.where(np.arange(2 * LENGTH) < LENGTH, 0, -3 + slope * np.arange(2 * LENGTH))
    values = 7 + 2 * random.standard_normal((patients, 1)) + course + chance
    trial, day = np.indices(values.shape)
    return pd.DataFrame({
        "trial": trial.ravel(), "day": day.ravel() + 1, "value": values.ravel(),
        "phase": np.where(day.ravel() < LENGTH, "baseline", "trial"),
    })  # fmt: skip


def residuals_of(frame: pd.DataFrame) -> Residuals:
    found = compute_residuals(frame, model=fit_mixed_model(frame))
    assert found is not None
    return found


def test_a_balanced_cohort_by_hand() -> None:
    frame = frame_of(([7.0, 9.0], [3.0, 4.0]), ([6.0, 5.0], [2.0, 4.0]), ([8.0, 10.0], [6.0, 5.0]))
    model = fit_mixed_model(frame)
    assert model.within_sd is not None
    assert model.between_sd is not None
    found = residuals_of(frame)

    # Means of 7.5 and 4: the first patient's days lie -0.5, 1.5, -1 and 0 off, 0 on average.
    between, within = model.between_sd**2, model.within_sd**2
    kept = 4 * between / (within + 4 * between)
    assert model.level == pytest.approx(7.5)
    assert found.days[:4] == pytest.approx(
        [off / sqrt(within * (1 - kept / 4)) for off in (-0.5, 1.5, -1, 0)], rel=1e-6
    )
    # The second's days lie -1.5 off on average, the third's 1.5.
    expected = [kept * off / sqrt(between * kept) for off in (0, -1.5, 1.5)]
    assert found.patients == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_of_a_cohort_that_is_as_the_model_says_both_are_standard_normal() -> None:
    found = residuals_of(made_up(2000))

    for values in (found.days, found.patients):
        assert np.mean(values) == pytest.approx(0, abs=0.03)
        assert np.std(values) == pytest.approx(1, abs=0.05)
    days = describe_spread(found.days)
    # 28,000 days: 0.27 % is 75.6, and a count of so many varies by its root.
    assert days.expected == pytest.approx(28_000 * 0.0026998, rel=1e-4)
    assert abs(days.beyond - days.expected) < 4 * sqrt(days.expected)
    assert days.skewness == pytest.approx(0, abs=0.06)


def test_a_trend_within_the_trial_is_left_over_and_seen() -> None:
    trends = residuals_of(made_up(500, slope=0.2)).trends
    flat, growing = (trends[phase] for phase in (DiaryPhase.BASELINE, DiaryPhase.TRIAL))

    assert flat is not None
    assert growing is not None
    assert flat.interval.low < 0 < flat.interval.high
    assert growing.interval.low < 0.2 < growing.interval.high
    assert growing.interval.low > 0


def test_neighbouring_days_that_are_alike_are_seen() -> None:
    apart, alike = residuals_of(made_up(500)).neighbours, residuals_of(made_up(500, alike=0.5)).neighbours

    assert apart is not None
    assert alike is not None
    # Taking a level of 14 days away makes independent days differ by one part in thirteen.
    assert apart == pytest.approx(-1 / 13, abs=0.03)
    assert alike > 0.3


def test_without_a_spread_between_patients_there_is_none_to_look_at() -> None:
    frame = frame_of(([8.0, 6.0], [4.0, 2.0]), ([6.0, 8.0], [2.0, 4.0]), ([8.0, 6.0], [2.0, 4.0]))

    assert len(residuals_of(frame).patients) == 0


def test_a_model_that_could_not_be_fitted_leaves_nothing_over() -> None:
    frame = frame_of(([5.0], [3.0]))

    assert compute_residuals(frame, model=fit_mixed_model(frame)) is None


def test_far_out_and_leaning_values_are_counted() -> None:
    found = describe_spread(np.array([-3.5, -3.0, 0.0, 0.5, 3.1, 9.0]))

    assert (found.n, found.beyond) == (6, 3)
    assert found.skewness is not None
    assert found.skewness > 0
    assert describe_spread(np.array([1.0, 2.0])).skewness is None


def test_three_values_stand_at_a_sixth_a_half_and_five_sixths() -> None:
    places = compare_quantiles(np.array([2.0, -1.0, 0.0]))

    # The normal quantile of 1/6 is -0.967422.
    assert [place for place, _ in places] == pytest.approx([-0.967422, 0, 0.967422], abs=1e-6)
    assert [value for _, value in places] == [-1.0, 0.0, 2.0]


def test_of_many_values_a_hundred_are_told_with_both_ends() -> None:
    found = compare_quantiles(np.arange(5000.0))

    assert len(found) == 100
    assert (found[0][1], found[-1][1]) == (0.0, 4999.0)
    assert compare_quantiles(np.array([])) == []
