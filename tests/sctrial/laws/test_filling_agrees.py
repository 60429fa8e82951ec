"""A cohort in columns and its trials one by one: the same answers and the same changes, to the last bit."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.filling import Gapped, fill_cohort
from sctrial.imputing import Diary, fill_outcome
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import EndReason

LEADS = date(2026, 10, 8)
#: Means of one to four scores, of a scale in tenths; 97 scores a day leave no room for whole numbers.
VALUES = st.builds(
    Fraction, st.integers(0, 100), st.sampled_from([1, 1, 1, 2, 3, 4, 10, 20, 30, 97, 2**40 + 1])
)
DAYS = st.dictionaries(st.integers(0, 9), VALUES, max_size=10)
ENDS = st.sampled_from([None, EndReason.SUCCESS, EndReason.FAILURE_SIDE_EFFECT, EndReason.TECHNICAL_FAILURE])
THRESHOLDS = (Fraction(30, 100), Fraction(1, 2), Fraction(80, 100))


@st.composite
def diaries(draw: st.DrawFn) -> Diary:
    baseline, days = draw(DAYS), draw(DAYS)
    return Diary(
        "x",
        {LEADS - timedelta(n + 1): value for n, value in baseline.items()},
        # Some lie outside of the days that there should be.
        {LEADS + timedelta(n): value for n, value in days.items()},
        LEADS + timedelta(draw(st.integers(0, 2))),
        LEADS + timedelta(draw(st.integers(2, 8))),
        draw(ENDS),
    )


def columns(cohort: list[Diary]) -> Gapped:
    rows = sorted(
        (2 * trial + phase, day.toordinal(), *value.as_integer_ratio())
        for trial, diary in enumerate(cohort)
        for phase, side in enumerate((diary.baseline, diary.days))
        for day, value in side.items()
    )
    cell, day, numerator, denominator = np.array(rows, np.int64).reshape(-1, 4).T
    ends = [(0, one.first_day.toordinal(), -1, one.last_day.toordinal()) for one in cohort]
    opens, closes = np.array(ends, np.int64).reshape(-1, 2, 2).transpose(1, 0, 2).reshape(2, -1)
    return Gapped(
        cell, day, numerator, denominator, opens, closes, end_reasons=[one.end_reason for one in cohort]
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(diaries(), max_size=6), st.sampled_from(Policy))
def test_a_cohort_in_columns_is_its_trials_one_by_one(cohort: list[Diary], policy: Policy) -> None:
    found = fill_cohort(columns(cohort), policy=policy)
    expected = [fill_outcome(one, policy=policy) for one in cohort]

    changes = [_change(one.baseline_mean, one.trial_mean) for one in expected]
    assert np.array_equal(found.changes, changes, equal_nan=True)
    for threshold in THRESHOLDS:
        told = [list(Answer)[code] for code in found.answers(threshold).tolist()]
        assert told == [fill_outcome(one, policy=policy, threshold=100 * threshold).answer for one in cohort]


def _change(before: Fraction | None, after: Fraction | None) -> float:
    return float("nan") if before is None or after is None else float(after - before)
