"""Trials that do not fit into dense columns have the same certainty as those that do."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from sctrial.bulk_certainty import FULLEST_DAY, WIDEST, compute_block_certainty
from sctrial.certainty import Certainty, compute_certainty
from sctrial.columns import PHASES
from sctrial.diary import WindowDays
from sctrial.scales import SCALES, ScaleCode

STARTS = date(2026, 3, 2).toordinal()
HALF = Fraction(1, 2)
#: By day after the start: the sum of the day's scores and their number.
Side = Mapping[int, tuple[int, int]]
BASELINE: Side = {0: (7, 1), 1: (8, 1), 2: (15, 2)}
PLAIN: Side = {10: (3, 1), 11: (4, 1), 12: (2, 1)}
#: Each day has another number of entries, so the common unit is 1/27720 of a point.
FINE: Side = {10 + parts: (5 * parts + 1, parts) for parts in range(2, FULLEST_DAY + 1)}
#: The product of these numbers of entries is far beyond 64 bits.
FINEST: Side = {10 + parts: (5 * parts + 1, parts) for parts in (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)}


def days_of(trials: Sequence[tuple[Side, Side]]) -> WindowDays:
    rows = [
        (len(PHASES) * number + place, STARTS + day, *worth, 1)
        for number, sides in enumerate(trials)
        for place, side in enumerate(sides)
        for day, worth in side.items()
    ]
    return WindowDays(*np.array(rows, np.int64).reshape(-1, 5).T)


def alone(sides: tuple[Side, Side], scale: ScaleCode) -> Certainty:
    before, after = (
        {date.fromordinal(STARTS + day): Fraction(*worth) for day, worth in side.items()} for side in sides
    )
    return compute_certainty(before, trial=after, threshold=HALF, scale=SCALES[scale])


@pytest.mark.parametrize(
    "side",
    [
        PLAIN,
        {10: (3, 1), 10 + WIDEST - 1: (4, 1)},
        {10: (3, 1), 10 + WIDEST: (4, 1)},
        {10: (40, FULLEST_DAY), 11: (4, 1)},
        {10: (40, FULLEST_DAY + 1), 11: (4, 1)},
        {10: (3, 1), 3_650: (4, 1)},
        FINE,
        # As fine, but over so many calendar days that the squares leave what a float holds.
        {**FINE, 75: (3, 1)},
        FINEST,
        {},
    ],
)
def test_each_trial_has_its_own_certainty_whatever_stands_beside_it(side: Side) -> None:
    trials = [(BASELINE, PLAIN), (BASELINE, side), ({}, PLAIN), ({0: (0, 1)}, side)]
    scales = [ScaleCode.NRS_11, ScaleCode.NUMERIC_0_10, ScaleCode.NRS_11, ScaleCode.NUMERIC_0_10]

    columns = compute_block_certainty(days_of(trials), scales=scales, thresholds=[HALF])[HALF]

    for number, (sides, scale) in enumerate(zip(trials, scales, strict=True)):
        expected = alone(sides, scale)
        figures = [*(expected.interval_90 or (None, None)), expected.probability]
        assert [float(column[number]) for column in columns] == pytest.approx(
            [np.nan if figure is None else figure for figure in figures], rel=1e-12, nan_ok=True
        )


def test_a_block_without_a_day_has_no_figure() -> None:
    columns = compute_block_certainty(days_of([({}, {})]), scales=[ScaleCode.NRS_11], thresholds=[HALF])[HALF]

    assert np.isnan(columns.probability).all()
