"""Certainty one patient at a time and on whole columns: the same figures within 1e-12."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sctrial.certainty import compute_certainty, sum_days
from sctrial.certainty_frame import Diaries, TooLarge, compute_certainty_columns, sum_day_columns
from sctrial.scales import SCALES, Scale, ScaleCode

Side = list[int | None]

FIRST = date(2026, 3, 2)
SCALES_AND_UNITS = [(SCALES[code], SCALES[code].per_point) for code in ScaleCode]


def sides(scale: Scale, units: int) -> st.SearchStrategy[Side]:
    low, high = int(scale.minimum * units), int(scale.maximum * units)
    return st.lists(st.none() | st.integers(low, high), min_size=1, max_size=12)


cohorts = st.sampled_from(SCALES_AND_UNITS).flatmap(
    lambda pair: st.tuples(
        st.just(pair[0]),
        st.just(pair[1]),
        st.lists(st.tuples(sides(*pair), sides(*pair)), min_size=1, max_size=8),
    )
)
thresholds = st.fractions(Fraction(1, 10), 1, max_denominator=20)
NRS = SCALES[ScaleCode.NRS_11]


def columns_of(diaries: list[Side], units: int) -> Diaries:
    width = max(len(side) for side in diaries)
    padded = [side + [None] * (width - len(side)) for side in diaries]
    present = np.array([[score is not None for score in side] for side in padded], dtype=np.bool_)
    # What is not present must not matter, so it is filled with a score that would be seen.
    scores = np.array(
        [[999 if score is None else score for score in side] for side in padded], dtype=np.int64
    )
    return Diaries(scores, present, np.full(len(diaries), units, dtype=np.int64))


def days_of(side: Side, units: int) -> dict[date, Fraction]:
    return {
        FIRST + timedelta(days=n): Fraction(score, units) for n, score in enumerate(side) if score is not None
    }


@given(cohorts, thresholds)
@example(
    (NRS, 1, [([None, None], [3, 4]), ([7, 7], [None]), ([0, 0], [3]), ([0, 1], [0, 0])]), Fraction(1, 2)
)
@example((NRS, 1, [([7, None, 8], [3, None, 4, 3]), ([10] * 12, [0] * 12), ([7], [3])]), Fraction(1, 2))
def test_columns_give_the_figures_of_each_patient(
    cohort: tuple[Scale, int, list[tuple[Side, Side]]], threshold: Fraction
) -> None:
    scale, units, patients = cohort
    columns = compute_certainty_columns(
        columns_of([before for before, _ in patients], units),
        trial=columns_of([after for _, after in patients], units),
        threshold=float(threshold),
        scale=scale,
    )

    for n, (before, after) in enumerate(patients):
        alone = compute_certainty(
            days_of(before, units), trial=days_of(after, units), threshold=threshold, scale=scale
        )
        expected = [*(alone.interval_90 or (None, None)), alone.probability]
        found = [None if np.isnan(column[n]) else float(column[n]) for column in columns]

        assert found == [
            None if one is None else pytest.approx(one, rel=1e-12, abs=1e-12) for one in expected
        ]


@given(st.lists(st.integers(0, 10_000) | st.none(), min_size=1, max_size=40).filter(any))
def test_sums_are_equal_to_the_bit(side: Side) -> None:
    alone = sum_days(days_of(side, 1000))
    column = sum_day_columns(columns_of([side], 1000))

    assert [float(part[0]) for part in column[:4]] == [float(part) for part in alone[:4]]
    pairs = [int(pair[0]) for pair in column.lags]
    assert pairs[: len(alone.lags)] == list(alone.lags)
    assert not any(pairs[len(alone.lags) :])


def test_units_too_fine_for_columns_are_refused() -> None:
    with pytest.raises(TooLarge, match="one by one"):
        sum_day_columns(columns_of([[10**9, 0]], 10**8))
