"""The interval of the percent reduction and the probability of reaching the threshold, patient by patient."""

import json
import math
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sctrial.belief import Belief, Spread, compute_belief, degrees_of_freedom
from sctrial.certainty import (
    METHOD,
    UPPER_TAIL_STARTS,
    Certainty,
    NoInterval,
    compute_certainty,
    compute_interval,
    compute_probability,
    count_lags,
    days_within,
    grid_of,
    step_of,
    sum_days,
)
from sctrial.distributions import student_quantile
from sctrial.scales import SCALES, ScaleCode
from sctrial.windows import parse_window, summarise_window

F = Fraction
HALF = F(1, 2)
NRS = SCALES[ScaleCode.NRS_11]
BASELINE_STARTS, LEADS_PLACED = date(2026, 3, 2), date(2026, 3, 10)


def days(scores: str, first: date = BASELINE_STARTS) -> dict[date, F]:
    """ "7 - 6" is 7 on the first day, nothing on the second, 6 on the third."""
    return {first + timedelta(days=n): F(score) for n, score in enumerate(scores.split()) if score != "-"}


def certainty(baseline: str, trial: str, *, threshold: F = HALF) -> Certainty:
    return compute_certainty(days(baseline), trial=days(trial, LEADS_PLACED), threshold=threshold, scale=NRS)


# fmt: off
CLINIC = [
    # baseline,        trial,           lowest and highest low end, high end, lowest and highest probability
    ("7 7 6 8 7 7 7",  "3 4 4",         (25, 40), (55, 70), (0.30, 0.50)),   # 47.6 % seen: cannot tell
    ("7 7 6 8 7 7 7",  "1 1 0 1 2 1 1", (70, 85), (88, 97), (0.99, 1.00)),   # 85.7 % seen: sure
    ("7 7 6 8 7 7 7",  "6 7 6 7 6 7 6", (-5, 5),  (12, 22), (0.00, 0.01)),   # 8.2 % seen: sure it is not
    ("5 6 5 6 5",      "6 7 7",         (-60, -40), (0, 10), (0.00, 0.01)),  # worse
    ("7",              "3",             (-60, 0), (85, 100), (0.50, 0.75)),  # one day each: hardly anything
]
# fmt: on


@pytest.mark.parametrize(("baseline", "trial", "low", "high", "probability"), CLINIC)
def test_the_figures_are_what_a_clinician_expects(
    baseline: str, trial: str, low: tuple[int, int], high: tuple[int, int], probability: tuple[float, float]
) -> None:
    found = certainty(baseline, trial)

    assert found.interval_90 is not None
    assert found.probability is not None
    assert low[0] <= found.interval_90[0] <= low[1]
    assert high[0] <= found.interval_90[1] <= high[1]
    assert probability[0] <= found.probability <= probability[1]
    assert found.reason is None


def test_three_days_say_less_than_seven() -> None:
    """Delta-method error for baseline 7, trial 3.5, SD 1.3: about 11 points with 3 days, 8 with 7."""
    three, seven = certainty("7 8 6 7 8 6 7", "3 4 3.5"), certainty("7 8 6 7 8 6 7", "3 4 3.5 3 4 3.5 3.5")

    assert _width(three) > 1.2 * _width(seven)


def test_scattered_days_say_less_than_steady_ones() -> None:
    assert _width(certainty("4 10 5 9 4 10 7", "1 6 4")) > 1.5 * _width(certainty("7 7 7 7 7 7 7", "4 3 4"))


def test_days_that_follow_each_other_say_less_than_days_that_alternate() -> None:
    drifting = certainty("5 5 6 7 8 9 9", "2 2 3 4 5 5 6")
    jumping = certainty("5 9 5 9 6 8 7", "2 6 2 5 3 5 4")

    assert _width(drifting) > 1.2 * _width(jumping)


def test_equal_scores_every_day_are_not_certainty() -> None:
    """Whole numbers hide half a point either way, and three equal days are no proof of a steady patient."""
    assert _width(certainty("7 7 7 7 7 7 7", "3 3 3")) > 15


def test_a_gap_between_days_makes_them_say_more_than_neighbours() -> None:
    assert _width(certainty("7 8 6 7 8 6 7", "3 - 4 - 3")) < _width(certainty("7 8 6 7 8 6 7", "3 4 3"))


@pytest.mark.parametrize(
    ("baseline", "trial", "reason"),
    [
        ("- - -", "3 4 4", NoInterval.BASELINE_MISSING),
        ("- - -", "- -", NoInterval.BASELINE_MISSING),
        ("7 7 7", "- -", NoInterval.TRIAL_MISSING),
        ("0 0 0", "3 4 4", NoInterval.BASELINE_ZERO),
        ("0 0 0", "- -", NoInterval.BASELINE_ZERO),
    ],
)
def test_without_days_or_baseline_there_is_no_figure_but_a_reason(
    baseline: str, trial: str, reason: NoInterval
) -> None:
    found = certainty(baseline, trial)

    assert (found.interval_90, found.probability, found.inputs, found.reason) == (None, None, None, reason)
    assert found.printed_interval_90 is None
    assert found.printed_probability is None


@pytest.mark.parametrize(("baseline", "trial"), [("0 0 1", "0 0 0"), ("1 0 1", "8 9 9"), ("0 2 0", "1 0 1")])
def test_a_baseline_not_told_from_zero_has_no_interval(baseline: str, trial: str) -> None:
    found = certainty(baseline, trial)

    assert found.interval_90 is None
    assert found.reason is NoInterval.BASELINE_NEAR_ZERO
    assert found.probability is not None


def test_at_a_low_but_clear_baseline_there_is_a_wide_interval() -> None:
    found = certainty("3 3 2 3 3 3 3", "2 1 2")

    assert found.reason is None
    assert _width(found) > 50


def test_no_relief_beyond_no_pain() -> None:
    found = certainty("7 8 7 7 7 8 7", "0 0 0")

    assert found.interval_90 is not None
    assert found.interval_90[1] == 100.0


def test_the_interval_ends_solve_fiellers_quadratic() -> None:
    """Hand-worked: baseline 8 and trial 4, squared errors 0.25 and 0.5, no covariance, quantile 2.

    (64 - 1) x^2 - 2 * 32 x + (16 - 2) = 0, x the share of pain kept: (32 -+ sqrt(1024 - 882)) / 63.
    """
    belief = Belief(8.0, 4.0, 0.25, 0.5, 0.0, Spread(1.0, 0.0))

    low, high, bounded = compute_interval(belief, quantile=2.0)

    assert bounded
    assert low == pytest.approx(100 * (1 - (32 + math.sqrt(142)) / 63))
    assert high == pytest.approx(100 * (1 - (32 - math.sqrt(142)) / 63))


@pytest.mark.parametrize(("variance", "bounded"), [(7.99, True), (8.01, False)])
def test_half_of_fiellers_g_is_the_limit(variance: float, bounded: bool) -> None:
    """Baseline 8, quantile 2: g = 4 * variance / 64 is one half at a squared error of 8."""
    belief = Belief(8.0, 4.0, variance, 0.5, 0.0, Spread(1.0, 0.0))

    assert compute_interval(belief, quantile=2.0)[2] is bounded


diaries = st.lists(st.integers(0, 10), min_size=1, max_size=10).map(
    lambda scores: {BASELINE_STARTS + timedelta(days=n): F(score) for n, score in enumerate(scores)}
)
shares = st.fractions(F(1, 100), 1, max_denominator=100)


@given(diaries, diaries)
def test_interval_and_probability_are_one_statement(baseline: dict[date, F], trial: dict[date, F]) -> None:
    """At the low end the probability is 95 %, at the high end 5 %, unless that end is at 100 %."""
    assume(any(baseline.values()))
    grid = grid_of(NRS, values=(baseline, trial))
    belief = compute_belief(sum_days(baseline), after=sum_days(trial), grid=grid)
    df = degrees_of_freedom(len(baseline), days_after=len(trial))
    low, high, bounded = compute_interval(belief, quantile=student_quantile(UPPER_TAIL_STARTS, df=df))
    assume(bounded)

    assert compute_probability(belief, threshold=low / 100, df=df) == pytest.approx(0.95, abs=1e-9)
    if high < 100:
        assert compute_probability(belief, threshold=high / 100, df=df) == pytest.approx(0.05, abs=1e-9)


@given(diaries, diaries, shares, shares)
def test_a_higher_threshold_is_never_more_probable(
    baseline: dict[date, F], trial: dict[date, F], one: F, other: F
) -> None:
    assume(any(baseline.values()))
    lower, higher = (
        compute_certainty(baseline, trial=trial, threshold=threshold, scale=NRS).probability
        for threshold in sorted((one, other))
    )

    assert lower is not None
    assert higher is not None
    assert higher <= lower + 1e-12


@given(diaries, diaries, shares)
def test_every_diary_gets_finite_figures_or_a_reason(
    baseline: dict[date, F], trial: dict[date, F], threshold: F
) -> None:
    found = compute_certainty(baseline, trial=trial, threshold=threshold, scale=NRS)

    assert (found.interval_90 is None) is (found.reason is not None)
    if found.interval_90 is not None:
        assert -math.inf < found.interval_90[0] <= found.interval_90[1] <= 100
    if found.probability is not None:
        assert 0 <= found.probability <= 1


@given(diaries, diaries, st.randoms(use_true_random=False))
def test_the_order_in_which_days_are_given_does_not_matter(
    baseline: dict[date, F], trial: dict[date, F], rng: Random
) -> None:
    shuffled = list(trial.items())
    rng.shuffle(shuffled)

    assert compute_certainty(baseline, trial=dict(shuffled), threshold=HALF, scale=NRS) == compute_certainty(
        baseline, trial=trial, threshold=HALF, scale=NRS
    )


def test_sums_are_exact_until_the_last_division() -> None:
    """7, 6, 8 and, after a gap, 6: mean 27/4; distances 1/4, -3/4, 5/4, -3/4."""
    found = sum_days(days("7 6 8 - 6"))

    assert found.mean == 27 / 4
    assert found.squares == (1 + 9 + 25 + 9) / 16
    assert found.lag_products == (1 * -3 + -3 * 5) / 16
    assert found.lags == [2, 2, 1, 1]


def test_pairs_of_days_are_counted_by_their_distance() -> None:
    assert count_lags([10]) == [0]
    assert count_lags([10, 11, 13]) == [1, 1, 1]
    assert len(count_lags(range(400))) == 30


@pytest.mark.parametrize(
    ("scores", "step"), [("7 6 0", F(1)), ("7 6.5", F(1, 2)), ("7 6.25 3.1", F(1, 20)), ("0", F(1))]
)
def test_the_grid_is_the_coarsest_that_carries_every_day(scores: str, step: F) -> None:
    assert step_of(days(scores)) == step


def test_finer_answers_are_a_little_more_certain() -> None:
    """The same days on a grid of hundredths: no rounding variance of 1/12 in the mean."""
    whole = certainty("7 7 6 8 7 7 7", "3 4 4")
    fine = certainty("7.01 7 6 8 7 7 6.99", "3 4 4")

    assert 0.9 * _width(whole) < _width(fine) < 1.05 * _width(whole)


def test_only_the_days_of_the_window_are_looked_at() -> None:
    diary = days("9 9 9 3 4 4", LEADS_PLACED)
    figures = summarise_window(
        diary, window=parse_window("last-n-days:3"), first_day=min(diary), last_day=max(diary)
    )
    nothing = summarise_window({}, window=parse_window("whole-phase"), first_day=None, last_day=None)

    assert list(days_within(diary, figures=figures).values()) == [3, 4, 4]
    assert days_within(diary, figures=nothing) == {}


def test_figures_are_printed_by_rule_and_the_same_on_every_python() -> None:
    """Rounded to decimals that no last bit of a float reaches; pinned so that a change of method is seen."""
    found = certainty("8 7 8 7 8 7 8", "4 4 3 4 4")

    assert json.dumps(found.canonical(), sort_keys=True) == (
        '{"inputs": {"baseline_days": 7, "baseline_mean": "7.5716", "day_sd": "0.7299", '
        '"degrees_of_freedom": 12, "lag1": "0.1630", "trial_days": 5, "trial_mean": "3.7997"}, '
        '"interval_90": ["40.28", "58.82"], "method": "student-ratio/1", "probability": "0.4861", '
        '"reason": null, "threshold": "1/2"}'
    )
    assert found.printed_interval_90 == (40.28, 58.82)
    assert found.printed_probability == 0.4861
    assert found.method == METHOD


def test_a_reason_is_printed_where_there_is_no_figure() -> None:
    assert certainty("0 0 0", "1 1 1").canonical() == {
        "method": METHOD,
        "threshold": "1/2",
        "interval_90": None,
        "probability": None,
        "reason": "baseline_zero",
        "inputs": None,
    }


def test_no_figure_is_printed_as_minus_zero() -> None:
    found = Certainty(HALF, (-0.001, 0.001), -0.0)

    assert found.canonical()["interval_90"] == ["0.00", "0.00"]
    assert str(found.printed_interval_90) == "(0.0, 0.0)"


def _width(found: Certainty) -> float:
    assert found.interval_90 is not None
    return found.interval_90[1] - found.interval_90[0]
