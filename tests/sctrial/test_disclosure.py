"""No hidden count can be worked out from what is shown; tried by listing every table that fits."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.disclosure import (
    SMALLEST_SHOWN,
    Overlap,
    Suppressed,
    compare_cohorts,
    find_rare,
    suppress_counts,
    suppress_table,
)

# fmt: off
LINES = [
    # counts                            shown                                        total
    ({"met": 12, "not met": 9},         {"met": 12, "not met": 9},                   21),
    # One hidden cell would be the total less the others: the next smallest goes with it.
    ({"met": 12, "not met": 9, "?": 3}, {"met": 12, "not met": None, "?": None},     24),
    # Two hidden cells worth 0 together are both known to be 0.
    ({"met": 12, "not met": 0, "?": 0}, {"met": None, "not met": None, "?": None},   12),
    ({"met": 12, "not met": 2, "?": 3}, {"met": 12, "not met": None, "?": None},     17),
    ({"met": 3},                        {"met": None},                               None),
    ({"met": 1, "not met": 2},          {"met": None, "not met": None},              None),
    ({"met": 4, "not met": 5},          {"met": None, "not met": None},              9),
]
# fmt: on


@pytest.mark.parametrize(("counts", "shown", "total"), LINES)
def test_small_counts_and_those_that_would_give_them_away_are_hidden(
    counts: dict[str, int], shown: dict[str, int | None], total: int | None
) -> None:
    assert suppress_counts(counts) == (shown, total)


def test_counts_of_five_and_more_are_shown_as_they_are() -> None:
    shared = suppress_table({"A": {"met": 5, "not met": 6}, "B": {"met": 7, "not met": 8}})

    assert shared.cells == {"A": {"met": 5, "not met": 6}, "B": {"met": 7, "not met": 8}}
    assert (shared.row_totals, shared.column_totals, shared.total) == (
        {"A": 5 + 6, "B": 7 + 8},
        {"met": 5 + 7, "not met": 6 + 8},
        5 + 6 + 7 + 8,
    )


def test_one_small_cell_of_a_table_takes_a_ring_of_four_with_it() -> None:
    # Hiding a second cell of the row alone would leave each of the two to its column.
    shared = suppress_table({"A": {"x": 2, "y": 9, "z": 30}, "B": {"x": 8, "y": 20, "z": 30}})

    assert shared.cells == {"A": {"x": None, "y": None, "z": 30}, "B": {"x": None, "y": None, "z": 30}}
    assert shared.row_totals == {"A": 2 + 9 + 30, "B": 8 + 20 + 30}
    assert shared.column_totals == {"x": 2 + 8, "y": 9 + 20, "z": 60}


def test_an_empty_table_stays_empty() -> None:
    assert suppress_table({}) == Suppressed({}, {}, {}, None)


COUNTS = st.integers(0, 9)
TABLES = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda size: st.lists(
        st.lists(COUNTS, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


def lines_with_shown_margins(shared: Suppressed) -> list[list[tuple[str, str]]]:
    """The cells that each shown margin adds up."""
    cells = [(row, column) for row in shared.cells for column in shared.column_totals]
    lines = [(total, [cell for cell in cells if cell[0] == row]) for row, total in shared.row_totals.items()]
    lines += [
        (total, [cell for cell in cells if cell[1] == column])
        for column, total in shared.column_totals.items()
    ]
    return [line for total, line in [*lines, (shared.total, cells)] if total is not None]


def cells_that_could_be_another(
    counts: dict[str, dict[str, int]], shared: Suppressed
) -> set[tuple[str, str]]:
    """Hidden cells that can go up or down by one, with others, without any shown figure changing."""
    hidden = [(row, column) for row in counts for column in counts[row] if shared.cells[row][column] is None]
    lines = lines_with_shown_margins(shared)
    found: set[tuple[str, str]] = set()
    for steps in product((-1, 0, 1), repeat=len(hidden)):
        moved = dict(zip(hidden, steps, strict=True))
        if all(counts[row][column] + step >= 0 for (row, column), step in moved.items()) and all(
            sum(moved.get(cell, 0) for cell in line) == 0 for line in lines
        ):
            found |= {cell for cell, step in moved.items() if step}
    return found


@settings(max_examples=80, deadline=None)
@given(TABLES)
def test_every_hidden_count_could_be_another_one(rows: list[list[int]]) -> None:
    counts = {f"r{n}": {f"c{k}": count for k, count in enumerate(row)} for n, row in enumerate(rows)}
    shared = suppress_table(counts)

    movable = cells_that_could_be_another(counts, shared) if sum(map(len, rows)) <= 6 else None
    for row, shown_row in shared.cells.items():
        for column, shown in shown_row.items():
            assert shown is None or shown == counts[row][column] >= SMALLEST_SHOWN
            assert shown is not None or movable is None or (row, column) in movable


def people(**sizes: int) -> list[tuple[str, str]]:
    """Pairs of person and value: ``people(north=5)`` is five people, each of north."""
    return [(f"{value}{n}", value) for value, size in sizes.items() for n in range(size)]


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 5, "b": 9}, set()),
        ({"a": 5, "b": 9, "c": 4, "d": 1}, {"c", "d"}),
        # One hidden person alone could be told from the total; the next smallest goes with them.
        ({"a": 5, "b": 9, "c": 1}, {"c", "a"}),
        ({"a": 5, "b": 9, "c": 4}, {"c", "a"}),
        ({"a": 4}, {"a"}),
        ({}, set()),
    ],
)
def test_rare_values_are_hidden_with_company(sizes: dict[str, int], hidden: set[str]) -> None:
    assert find_rare(people(**sizes)) == hidden


def test_a_missing_value_is_not_hidden_and_a_person_counts_once() -> None:
    assert find_rare([("p", ""), *people(a=5)]) == frozenset()
    assert find_rare([("p", "a")] * 9) == {"a"}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12)))
def test_what_is_hidden_is_of_nobody_or_of_five_at_least_or_everything(sizes: dict[str, int]) -> None:
    hidden = find_rare(people(**sizes))

    together = sum(sizes[value] for value in hidden)
    assert together == 0 or together >= 5 or hidden == set(sizes)
    assert all(sizes[value] >= 5 for value in set(sizes) - hidden)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (range(10), range(10), Overlap.HARMLESS),
        (range(10), range(9), Overlap.NESTED),
        (range(9), range(10), Overlap.NESTED),
        (range(10), range(5), Overlap.HARMLESS),
        (range(10), range(2, 12), Overlap.CROSSING),
        (range(10), range(2, 20), Overlap.CROSSING),
        (range(10), range(5, 15), Overlap.HARMLESS),
        (range(4), range(10, 20), Overlap.HARMLESS),
    ],
)
def test_two_cohorts_together_tell_about_their_difference(one: range, other: range, overlap: Overlap) -> None:
    assert compare_cohorts(set(map(str, one)), other=set(map(str, other))) is overlap
