"""Rubin's rules against hand-worked and published figures; the mixed model where it has a closed form."""

from fractions import Fraction
from math import inf, sqrt

import pytest

pytest.importorskip("statsmodels", reason="pooling needs statsmodels")

import pandas as pd

from sctrial.intervals import Count, compute_proportion
from sctrial.pooling import (
    ENOUGH_IMPUTATIONS,
    CannotPool,
    fit_mixed_model,
    pool_estimates,
    pool_shares,
)


def test_three_imputations_worked_by_hand() -> None:
    # Q = 2, W = 1, B = 1, T = 1 + 4/3, r = 4/3, df = 2 * (1 + 3/4)^2.
    pooled = pool_estimates([1.0, 2.0, 3.0], variances=[1.0, 1.0, 1.0])

    assert (pooled.estimate, pooled.within, pooled.between) == (2.0, 1.0, 1.0)
    assert pooled.total == pytest.approx(1 + 4 / 3)
    assert pooled.increase == pytest.approx(4 / 3)
    assert pooled.degrees_of_freedom == pytest.approx(2 * (1 + 3 / 4) ** 2)


def test_five_imputations_with_a_tenth_more_variance_have_484_degrees_of_freedom() -> None:
    # SAS/STAT user's guide, the MI procedure, combining inferences: m = 5 and r = 10 % give 484.
    spread = sqrt(0.1 / (1 + 1 / 5) * 4 / 10)
    estimates = [step * spread for step in (-2, -1, 0, 1, 2)]

    pooled = pool_estimates(estimates, variances=[1.0] * 5)

    assert pooled.increase == pytest.approx(0.1)
    assert pooled.degrees_of_freedom == pytest.approx(4 * (1 + 10) ** 2)


def test_degrees_of_freedom_stay_below_those_of_the_complete_data() -> None:
    # The same, with 20 from complete data; the two are added as 1/df = 1/484 + 1/observed.
    spread = sqrt(0.1 / (1 + 1 / 5) * 4 / 10)
    estimates = [step * spread for step in (-2, -1, 0, 1, 2)]

    pooled = pool_estimates(estimates, variances=[1.0] * 5, complete_degrees_of_freedom=20)

    observed = 21 / 23 * 20 * (1 - 0.1 / 1.1)
    assert pooled.degrees_of_freedom == pytest.approx(1 / (1 / 484 + 1 / observed))
    assert pooled.degrees_of_freedom < 20


def test_imputations_that_agree_leave_a_normal_interval() -> None:
    pooled = pool_estimates([4.0, 4.0], variances=[0.25, 0.25])

    assert pooled.degrees_of_freedom == inf
    assert pooled.interval.low == pytest.approx(4 - 1.959964 * 0.5, abs=1e-6)
    assert pooled.interval.high == pytest.approx(4 + 1.959964 * 0.5, abs=1e-6)


def test_imputations_that_agree_keep_the_degrees_of_freedom_of_complete_data() -> None:
    # t(0.975; 9) = 2.262157 in every table: nothing was lost, so the interval is that of ten patients.
    pooled = pool_estimates([4.0, 4.0], variances=[0.25, 0.25], complete_degrees_of_freedom=9)

    assert pooled.interval.high == pytest.approx(4 + 2.262157 * 0.5, abs=1e-6)


def test_the_share_of_missing_information_worked_by_hand() -> None:
    # As above: r = 4/3 and df = 6.125.
    pooled = pool_estimates([1.0, 2.0, 3.0], variances=[1.0, 1.0, 1.0])

    assert pooled.missing_information == pytest.approx((4 / 3 + 2 / (6.125 + 3)) / (4 / 3 + 1))


def test_a_pooled_share_is_that_of_the_published_example() -> None:
    # README of MIWilson 1.0 (R): shares of 0.2, 0.23 and 0.22 of 200. It takes the 95 % point of t, which
    # leaves 5 % on each side: an interval of 90 %.
    pooled = pool_shares([40, 46, 44], of=200, confidence=Fraction(90, 100))

    assert pooled.share == pytest.approx(0.216666666666667)
    assert pooled.increase == pytest.approx(0.366948430640194)
    assert pooled.degrees_of_freedom == pytest.approx(27.7539107780612)
    assert (pooled.interval.low, pooled.interval.high) == pytest.approx((0.1645113, 0.2798191), abs=5e-8)


@pytest.mark.parametrize(("met", "of"), [(0, 7), (3, 9), (87, 99), (5, 5), (1, 1)])
def test_where_imputations_agree_a_pooled_share_is_wilsons(met: int, of: int) -> None:
    pooled, plain = pool_shares([met] * 20, of=of), compute_proportion(Count(met, of)).interval

    assert plain is not None
    assert pooled.share == met / of
    assert (pooled.interval.low, pooled.interval.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_a_share_that_is_all_or_nothing_by_chance_may_be_anything() -> None:
    pooled = pool_shares([0, 1], of=1)

    assert (pooled.interval.low, pooled.interval.high) == (0.0, 1.0)
    assert pooled.missing_information == 1


@pytest.mark.parametrize(("counts", "of"), [([3], 9), ([3, 4], 0), ([3, 10], 9), ([-1, 3], 9)])
def test_counts_that_nobody_can_have_are_not_pooled(counts: list[int], of: int) -> None:
    with pytest.raises(CannotPool):
        pool_shares(counts, of=of)


def test_the_interval_uses_the_t_distribution() -> None:
    # Two imputations with r = 1: df = (1 + 1)^2 = 4, and t(0.975; 4) = 2.776445 in every table.
    pooled = pool_estimates([0.0, sqrt(4 / 3)], variances=[1.0, 1.0])

    assert pooled.degrees_of_freedom == pytest.approx(4)
    assert pooled.interval.high - pooled.estimate == pytest.approx(2.776445 * sqrt(2), abs=1e-5)


def test_few_imputations_are_said_to_be_few() -> None:
    few = pool_estimates([1.0] * (ENOUGH_IMPUTATIONS - 1), variances=[1.0] * (ENOUGH_IMPUTATIONS - 1))
    enough = pool_estimates([1.0] * ENOUGH_IMPUTATIONS, variances=[1.0] * ENOUGH_IMPUTATIONS)

    assert few.warnings == ("only 19 imputations; use at least 20",)
    assert enough.warnings == ()


@pytest.mark.parametrize(
    ("estimates", "variances"),
    [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0, float("nan")], [1.0, 1.0])],
)
def test_what_cannot_be_pooled_is_refused(estimates: list[float], variances: list[float]) -> None:
    with pytest.raises(CannotPool):
        pool_estimates(estimates, variances=variances)


def frame_of(*patients: tuple[list[float], list[float]]) -> pd.DataFrame:
    rows = [
        (trial, day, phase, value)
        for trial, sides in enumerate(patients)
        for phase, start, values in zip(("baseline", "trial"), (1, 101), sides, strict=True)
        for day, value in enumerate(values, start=start)
    ]
    return pd.DataFrame(rows, columns=["trial", "day", "phase", "value"])


def test_a_balanced_cohort_has_the_closed_form() -> None:
    # With equal numbers of days the change is the difference of the means, its variance s^2 * (1/6 + 1/6),
    # and s^2 the residual mean square of the two-way analysis: 12 values less 3 patients less 1 phase.
    patients = ([7.0, 9.0], [3.0, 4.0]), ([6.0, 5.0], [2.0, 4.0]), ([8.0, 10.0], [6.0, 5.0])
    values = [value for sides in patients for side in sides for value in side]
    change = sum(sum(sides[1]) - sum(sides[0]) for sides in patients) / 6
    levels = [sum(sides[0] + sides[1]) / 4 for sides in patients]
    residuals = [
        value - level + (change / 2 if phase == 0 else -change / 2)
        for sides, level in zip(patients, levels, strict=True)
        for phase, side in enumerate(sides)
        for value in side
    ]
    residual_square = sum(residual**2 for residual in residuals) / (len(values) - 3 - 1)

    model = fit_mixed_model(frame_of(*patients))

    assert model.change == pytest.approx(change)
    assert model.within_sd == pytest.approx(sqrt(residual_square), rel=1e-4)
    assert model.standard_error == pytest.approx(sqrt(residual_square * (1 / 6 + 1 / 6)), rel=1e-4)
    assert (model.trials, model.days, model.converged, model.warnings) == (3, 12, True, ())


def test_missing_days_are_absent_and_rows_may_come_in_any_order() -> None:
    frame = frame_of(([7.0, 9.0, 8.0], [3.0]), ([6.0, 5.0], [2.0, 4.0]), ([8.0], [6.0, 5.0]))

    forwards, backwards = fit_mixed_model(frame), fit_mixed_model(frame.iloc[::-1])

    assert forwards == backwards
    assert forwards.days == 11
    assert forwards.change is not None
    assert forwards.change < 0


def test_a_fit_at_the_boundary_says_so_in_its_result() -> None:
    # Every patient has the same level, so the spread between patients is estimated as 0.
    model = fit_mixed_model(
        frame_of(([8.0, 6.0], [4.0, 2.0]), ([6.0, 8.0], [2.0, 4.0]), ([8.0, 6.0], [2.0, 4.0]))
    )

    assert model.change == pytest.approx(-4.0)
    assert model.warnings


@pytest.mark.parametrize(
    "patients", [(([5.0], [3.0]),), (([5.0, 5.0], [3.0, 3.0]), ([5.0, 5.0], [3.0, 3.0]))]
)
def test_too_little_to_fit_gives_a_result_and_no_exception(
    patients: tuple[tuple[list[float], list[float]], ...],
) -> None:
    model = fit_mixed_model(frame_of(*patients))

    assert model.warnings
    assert model.trials == len(patients)


def test_one_phase_is_no_change() -> None:
    with pytest.raises(CannotPool, match="there are: baseline"):
        fit_mixed_model(frame_of(([5.0, 6.0], [])))


def test_a_confidence_widens_the_interval() -> None:
    frame = frame_of(([7.0, 9.0], [3.0, 4.0]), ([6.0, 5.0], [2.0, 4.0]), ([8.0, 10.0], [6.0, 5.0]))

    half = [
        (model.interval.high - model.interval.low) / 2
        for model in (fit_mixed_model(frame, confidence=Fraction(share, 100)) for share in (90, 95))
        if model.interval is not None
    ]

    assert half[1] / half[0] == pytest.approx(1.959964 / 1.644854, rel=1e-5)


def test_two_trials_of_a_patient_are_one_patient() -> None:
    # One patient's days told as two trials are that patient's days still.
    sides = ([7.0, 9.0, 8.0, 9.0], [3.0, 4.0, 2.0, 4.0]), ([6.0, 5.0], [2.0, 4.0]), ([8.0, 10.0], [6.0, 5.0])
    (first, then), *others = sides
    whole = frame_of(*sides)
    split = frame_of((first[:2], then[:2]), (first[2:], then[2:]), *others).assign(patient=0)
    split["patient"] = split["trial"].map({0: 0, 1: 0, 2: 1, 3: 2})

    one, other = fit_mixed_model(whole), fit_mixed_model(split)

    assert (other.change, other.standard_error) == pytest.approx((one.change, one.standard_error))
    assert (one.trials, other.trials) == (3, 4)
