"""The forecast while the leads are in: the rule at the planned end, and what one more day would settle."""

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sctrial.certainty import compute_certainty
from sctrial.forecast import Forecast, NoForecast, Planned, compute_forecast, compute_settled
from sctrial.reduction import is_reduced_by
from sctrial.scales import SCALES, ScaleCode
from sctrial.windows import parse_window

F = Fraction
HALF = F(1, 2)
NRS = SCALES[ScaleCode.NRS_11]
BASELINE_STARTS, LEADS_PLACED = date(2026, 3, 2), date(2026, 3, 10)


def days(scores: str, first: date) -> dict[date, F]:
    """ "7 - 6" is 7 on the first day, nothing on the second, 6 on the third."""
    return {first + timedelta(days=n): F(score) for n, score in enumerate(scores.split()) if score != "-"}


def forecast(baseline: str, trial: str, *, window: str = "last-n-days:3", planned: int = 7) -> Forecast:
    """On the evening of the last cell of ``trial``."""
    return compute_forecast(
        days(baseline, BASELINE_STARTS),
        trial=days(trial, LEADS_PLACED),
        today=LEADS_PLACED + timedelta(days=len(trial.split()) - 1),
        plan=Planned(LEADS_PLACED, LEADS_PLACED + timedelta(days=planned - 1), parse_window(window), HALF),
        scale=NRS,
    )


BASELINE = "7 8 6 7 8 6 7"

# fmt: off
EVENINGS = [
    # trial so far, window, days to come in the window, lowest and highest probability
    ("1 1",           "last-n-days:3", 3, 0.90, 1.00),
    ("7 7",           "last-n-days:3", 3, 0.00, 0.10),
    ("3 4",           "last-n-days:3", 3, 0.35, 0.65),
    ("3",             "whole-phase",   6, 0.35, 0.75),
    ("6 6 2 2",       "exclude-first-n-days:2", 3, 0.80, 1.00),   # the two days after surgery say nothing
    ("7 7 7 7 1 1",   "last-n-days:3", 1, 0.97, 1.00),            # only a score above 8.5 could fail it
    ("1 1 1 1 7 7",   "last-n-days:3", 1, 0.00, 0.01),            # only a score below -3.5 could meet it
]
# fmt: on


@pytest.mark.parametrize(("trial", "window", "to_come", "low", "high"), EVENINGS)
def test_the_forecast_is_what_a_clinician_expects(
    trial: str, window: str, to_come: int, low: float, high: float
) -> None:
    found = forecast(BASELINE, trial, window=window)

    assert found.probability is not None
    assert low <= found.probability <= high
    assert found.days_to_come == to_come
    assert found.reason is None


# fmt: off
NO_FORECASTS = [
    ("- -",    "3",    "last-n-days:3",           NoForecast.BASELINE_MISSING),
    ("0 0",    "3",    "last-n-days:3",           NoForecast.BASELINE_ZERO),
    (BASELINE, "- -",  "last-n-days:3",           NoForecast.TRIAL_MISSING),
    (BASELINE, "5 5",  "exclude-first-n-days:2",  NoForecast.TRIAL_MISSING),
    (BASELINE, "5 5",  "best-day",                NoForecast.WINDOW_REPORT_ONLY),
    (BASELINE, "5 5",  "exclude-first-n-days:9",  NoForecast.WINDOW_EMPTY),
    (BASELINE, "5 5 5 5 - - -", "last-n-days:3",  NoForecast.WINDOW_EMPTY),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "trial", "window", "reason"), NO_FORECASTS)
def test_without_a_forecast_there_is_a_reason(
    baseline: str, trial: str, window: str, reason: NoForecast
) -> None:
    found = forecast(baseline, trial, window=window)

    assert (found.probability, found.settled, found.reason) == (None, None, reason)


def test_exactly_half_the_pain_meets_the_rule_at_the_planned_end() -> None:
    assert forecast("8 8 8", "4 4 4", planned=3).probability == 1.0
    assert forecast("8 8 8", "4 4 5", planned=3).probability == 0.0


scores = st.lists(st.integers(0, 10), min_size=1, max_size=7)


@given(scores, st.lists(st.integers(0, 10), min_size=3, max_size=3))
def test_at_the_planned_end_the_forecast_is_the_exact_rule(baseline: list[int], trial: list[int]) -> None:
    assume(any(baseline))
    found = forecast(_text(baseline), _text(trial), planned=3)

    met = is_reduced_by(
        HALF,
        baseline_total=sum(baseline),
        baseline_days=len(baseline),
        trial_total=sum(trial),
        trial_days=3,
    )
    assert found.days_to_come == 0
    assert found.probability == (1.0 if met else 0.0)


@given(scores, scores)
def test_probabilities_are_probabilities(baseline: list[int], trial: list[int]) -> None:
    assume(any(baseline))
    found = forecast(_text(baseline), _text(trial), planned=9)

    assert found.probability is not None
    assert found.settled is not None
    assert all(0 <= one <= 1 and math.isfinite(one) for one in (found.probability, *found.settled))


@given(scores, scores)
def test_settled_today_means_outside_the_interval_today(baseline: list[int], trial: list[int]) -> None:
    assume(any(baseline))
    before, after = days(_text(baseline), BASELINE_STARTS), days(_text(trial), LEADS_PLACED)
    probability = compute_certainty(before, trial=after, threshold=HALF, scale=NRS).probability
    settled = compute_settled(before, trial=after, today=max(after), threshold=HALF, scale=NRS)

    assert probability is not None
    assert settled[0] == (0.0 if 0.05 < probability < 0.95 else 1.0)


def test_an_open_case_is_more_likely_settled_the_more_days_come() -> None:
    settled = forecast(BASELINE, "3 2 3").settled

    assert settled is not None
    assert settled[0] == 0.0
    assert 0.0 < settled[1] < settled[2] < settled[3] < 1.0


def test_a_case_on_the_line_is_not_settled_by_three_more_days() -> None:
    """Baseline 7 and trial 3.5 to the point: only luck would tell them apart."""
    settled = forecast(BASELINE, "3 4 3 4").settled

    assert settled is not None
    assert settled[3] < 0.2


def test_days_after_the_planned_end_are_not_looked_at() -> None:
    assert forecast(BASELINE, "3 4 3", planned=3) == forecast(BASELINE, "3 4 3 0 0", planned=3)


def test_a_missed_day_is_a_gap_and_not_a_zero() -> None:
    assert forecast(BASELINE, "4 - 4").days_known == 2
    seen, missed = forecast(BASELINE, "4 0 4").probability, forecast(BASELINE, "4 - 4").probability

    assert seen is not None
    assert missed is not None
    assert seen > missed


def _text(values: list[int]) -> str:
    return " ".join(map(str, values))
