"""Percent reduction, thresholds without division, and printing that never crosses a threshold."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.reduction import (
    NoPercent,
    compute_percent_change,
    compute_percent_reduction,
    display_mean,
    display_percent,
    display_percent_at,
    is_reduced_by,
)

F = Fraction

HALF, THIRD = F(1, 2), F(1, 3)

totals = st.fractions(min_value=0, max_value=1000, max_denominator=60)
days = st.integers(1, 40)
thresholds = st.fractions(min_value=F(1, 100), max_value=1, max_denominator=100)


# fmt: off
PERCENTS = [
    (F(7),  F(7, 2),  F(50)),
    (F(7),  F(49, 10), F(30)),
    (F(10), F(0),     F(100)),
    (F(1),  F(10),    F(-900)),
    (F(5),  F(5),     F(0)),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "trial", "percent"), PERCENTS)
def test_relief_is_positive_and_worsening_is_never_clipped(baseline: F, trial: F, percent: F) -> None:
    assert compute_percent_reduction(baseline, trial_mean=trial).exact == percent
    assert compute_percent_change(baseline, trial_mean=trial).exact == -percent


# fmt: off
NO_PERCENTS = [
    (F(0), F(3), NoPercent.BASELINE_ZERO),
    (F(0), None, NoPercent.BASELINE_ZERO),
    (None, F(3), NoPercent.BASELINE_MISSING),
    (None, None, NoPercent.BASELINE_MISSING),
    (F(7), None, NoPercent.TRIAL_MISSING),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "trial", "reason"), NO_PERCENTS)
def test_without_a_percent_there_is_a_reason(baseline: F | None, trial: F | None, reason: NoPercent) -> None:
    for compute in (compute_percent_reduction, compute_percent_change):
        answer = compute(baseline, trial_mean=trial)

        assert (answer.exact, answer.reason) == (None, reason)


def test_group_means_of_published_trials_give_the_published_reductions() -> None:
    """Group means of TRIAL-STIM (Eldabe 2020) and of 10 kHz for back pain (Al-Kaisy 2018)."""
    trial_stim = compute_percent_reduction(F("7.47"), trial_mean=F("4.28")).exact
    back_pain = compute_percent_reduction(F("8.4"), trial_mean=F("3.3")).exact

    assert trial_stim is not None
    assert back_pain is not None
    assert display_percent_at(trial_stim, threshold=HALF) == "42.70 %"
    assert display_percent_at(back_pain, threshold=HALF) == "60.71 %"


@given(totals, days, totals, days, thresholds)
def test_comparing_totals_agrees_with_percents(b: F, n_b: int, t: F, n_t: int, threshold: F) -> None:
    percent = compute_percent_reduction(b / n_b, trial_mean=t / n_t).exact

    reached = is_reduced_by(threshold, baseline_total=b, baseline_days=n_b, trial_total=t, trial_days=n_t)

    assert reached is (percent is not None and percent >= threshold * 100)


@given(st.tuples(totals, days, totals, days), thresholds, st.integers(1, 1000))
def test_the_unit_of_the_scores_does_not_matter(
    sides: tuple[F, int, F, int], threshold: F, unit: int
) -> None:
    b, n_b, t, n_t = sides
    in_points = is_reduced_by(threshold, baseline_total=b, baseline_days=n_b, trial_total=t, trial_days=n_t)
    in_units = is_reduced_by(
        threshold, baseline_total=b * unit, baseline_days=n_b, trial_total=t * unit, trial_days=n_t
    )

    assert in_points is in_units


@pytest.mark.parametrize(("b", "n_b", "t", "n_t"), [(0, 7, 0, 3), (0, 0, 0, 3), (49, 7, 0, 0), (0, 0, 0, 0)])
def test_without_a_baseline_or_without_days_nothing_is_reached(b: int, n_b: int, t: int, n_t: int) -> None:
    assert is_reduced_by(HALF, baseline_total=b, baseline_days=n_b, trial_total=t, trial_days=n_t) is False


def test_the_same_body_serves_whole_columns() -> None:
    numpy = pytest.importorskip("numpy")
    column = {
        "baseline_total": numpy.array([49, 53, 54, 27, 0, 49], dtype="int64"),
        "baseline_days": numpy.array([7, 7, 7, 5, 7, 7], dtype="int64"),
        "trial_total": numpy.array([14, 19, 23, 20, 0, 0], dtype="int64"),
        "trial_days": numpy.array([4, 5, 6, 3, 3, 0], dtype="int64"),
    }

    reached = is_reduced_by(HALF, **column)

    assert reached.tolist() == [True, False, True, False, False, False]


# fmt: off
WHOLE_PERCENTS = [
    (F(2640, 53),   "50 %"),
    (F(99, 2),      "50 %"),
    (F(101, 2),     "51 %"),
    (F(-99, 2),     "-50 %"),
    (F(-1900, 81),  "-23 %"),
    (F(-1, 3),      "0 %"),
    (F(0),          "0 %"),
    (F(-900),       "-900 %"),
    (None,          "not evaluable"),
]
# fmt: on


@pytest.mark.parametrize(("percent", "printed"), WHOLE_PERCENTS)
def test_whole_percents_are_rounded_half_away_from_zero(percent: F | None, printed: str) -> None:
    assert display_percent(percent) == printed


# fmt: off
IN_SENTENCES = [
    (F(2640, 53),              HALF,  "49.81 %"),
    (F(49996, 1000),           HALF,  "49.99 %"),
    (F(49999999, 1000000),     HALF,  "49.99 %"),
    (F(50),                    HALF,  "50.00 %"),
    (F(50000001, 1000000),     HALF,  "50.00 %"),
    (F(400, 7),                HALF,  "57.14 %"),
    (F(-1900, 81),             HALF,  "-23.46 %"),
    (F(-1, 1000),              HALF,  "0.00 %"),
    (F(100, 3),                THIRD, "33.34 %"),
    (F(33333, 1000),           THIRD, "33.33 %"),
]
# fmt: on


@pytest.mark.parametrize(("percent", "threshold", "printed"), IN_SENTENCES)
def test_in_a_sentence_a_percent_stands_where_it_is(percent: F, threshold: F, printed: str) -> None:
    assert display_percent_at(percent, threshold=threshold) == printed


@given(st.fractions(-200, 100, max_denominator=100_000), thresholds)
def test_printing_never_crosses_the_threshold_and_stays_within_a_hundredth(percent: F, threshold: F) -> None:
    printed = F(display_percent_at(percent, threshold=threshold).removesuffix(" %"))

    assert (printed >= threshold * 100) is (percent >= threshold * 100)
    assert abs(printed - percent) <= F(1, 100)


@pytest.mark.parametrize(
    ("mean", "printed"), [(F(53, 7), "7.57"), (F(7, 2), "3.50"), (F(1, 200), "0.01"), (None, "not evaluable")]
)
def test_a_mean_is_printed_with_two_decimals(mean: F | None, printed: str) -> None:
    assert display_mean(mean) == printed


@pytest.mark.parametrize(("trial_total", "reached"), [(0, True), (1, False)])
def test_the_smallest_baseline_there_is_can_be_reduced(trial_total: int, reached: bool) -> None:
    """One point on one day: the product of total and days is 1, the least above "no baseline"."""
    answer = is_reduced_by(HALF, baseline_total=1, baseline_days=1, trial_total=trial_total, trial_days=1)

    assert answer is reached


# fmt: off
SMALLEST_SIGNS = [
    (F(-1),        "-1 %", "-1.00 %"),
    (F(-1, 100),   "0 %",  "-0.01 %"),
    (F(1, 100),    "0 %",  "0.01 %"),
    (F(-1, 2),     "-1 %", "-0.50 %"),
]
# fmt: on


@pytest.mark.parametrize(("percent", "whole", "in_a_sentence"), SMALLEST_SIGNS)
def test_the_smallest_worsening_that_is_printed_keeps_its_sign(
    percent: F, whole: str, in_a_sentence: str
) -> None:
    assert display_percent(percent) == whole
    assert display_percent_at(percent, threshold=HALF) == in_a_sentence


def test_the_reasons_for_no_percent_are_written_into_sealed_verdicts_and_never_renamed() -> None:
    assert [reason.value for reason in NoPercent] == ["baseline_zero", "baseline_missing", "trial_missing"]
