"""The exact percent on columns, beside the scalar one: worked cases and their text."""

import numpy as np
import pytest

from sctrial.sides import PERCENT, Side, has_room, percent_texts


def side(total: int, *, days: int, parts: int = 1, fits: bool = True) -> Side:
    """One trial: ``total / parts`` points over ``days``."""
    return Side(np.array([days]), np.array([total]), np.array([parts]), np.array([fits]))


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        # 100 times (8 - 3) / 8.
        pytest.param(side(56, days=7), side(9, days=3), "125/2", id="from 8 to 3"),
        # From 5.3 to 2.66: 264 of 5.3, which is 49.81 %.
        pytest.param(side(53, days=10), side(266, days=10, parts=10), "2640/53", id="not rounded to 50"),
        pytest.param(side(10, days=2), side(10, days=1), "-100/1", id="worse is below 0"),
        pytest.param(side(5, days=1), side(0, days=3), "100/1", id="no pain left"),
        pytest.param(side(0, days=3), side(4, days=1), None, id="a zero baseline has no percent"),
        pytest.param(side(0, days=0), side(4, days=1), None, id="no baseline day"),
        pytest.param(side(8, days=1), side(0, days=0), None, id="no trial day"),
    ],
)
def test_the_percent_is_exact_and_in_lowest_terms(before: Side, after: Side, percent: str | None) -> None:
    assert percent_texts(before, after) == [percent]


def test_totals_that_are_too_large_for_columns_are_said_to_have_no_room() -> None:
    large = side(2**61, days=2**20)

    assert has_room(large, large, threshold=PERCENT).tolist() == [False]
    assert has_room(side(8, days=1), side(3, days=1, fits=False), threshold=PERCENT).tolist() == [False]
    assert has_room(side(8, days=1), side(3, days=1), threshold=PERCENT).tolist() == [True]
