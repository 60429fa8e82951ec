"""What may leave, cell by cell."""

import pytest

from apps.cohorts.reports.figure import FEW, HIDDEN, count_cell, counted, share_cells, span, words_of
from sctrial.intervals import Count, Interval, compute_proportion


@pytest.mark.parametrize(
    ("met", "of", "cells"),
    [
        (5, 10, (5, 10, 50.0)),
        (4, 10, (HIDDEN, 10, HIDDEN)),
        # Its other side is small.
        (6, 10, (HIDDEN, 10, HIDDEN)),
        (0, 3, (HIDDEN, FEW, HIDDEN)),
    ],
)
def test_a_share_is_hidden_when_either_side_is_under_five(
    met: int, of: int, cells: tuple[object, ...]
) -> None:
    assert share_cells(compute_proportion(Count(met, of)), shared=True)[:3] == cells


def test_inside_the_clinic_nothing_is_hidden() -> None:
    assert share_cells(compute_proportion(Count(0, 3)), shared=False)[:3] == (0, 3, 0.0)


@pytest.mark.parametrize(("count", "cell"), [(0, FEW), (4, FEW), (5, 5)])
def test_a_count_under_five_is_not_told(count: int, cell: object) -> None:
    assert count_cell(count, shared=True) == cell


def test_words_of_cells_and_of_who_is_missing() -> None:
    assert [words_of(cell) for cell in (None, 1, 2.0, "x")] == ["–", "1", "2.0", "x"]
    assert span(Interval(0.5, 0.75)) == "50.0 to 75.0"
    assert counted(9, {"lost": 2, "late": 0}) == "2 lost"
    assert counted(9, {}) == "nobody"


def test_parts_that_rounding_leaves_open_to_adding_up_are_told_as_one() -> None:
    # 53 shows as 55, 22 as 20, 27 as 25: only a 4 can be left.
    parts = {"late": 27, "lost": 4}

    assert counted(22, parts, shared=True) == "30 left out, for one reason or another"
    assert counted(22, {"late": 20, "lost": 4}, shared=True) == "20 late, under 5 lost"
