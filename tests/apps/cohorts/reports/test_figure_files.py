"""The data of a figure as its files have them: numbers, both ends of an interval, and what is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cohorts.reports.figure import HIDDEN, Cell, Figure, Row, Span
from apps.cohorts.reports.plot import Axis, Mark, Plot

ENDS = st.floats(-1000, 1000)


def figure(*rows: Row, columns: tuple[str, ...], plot: Plot | None = None) -> Figure:
    return Figure("made_up", "Made up", "Read it", 1, {}, columns, rows, plot=plot)


@given(ENDS, ENDS, st.integers(0, 3))
def test_an_interval_is_text_and_two_numbers(low: float, high: float, places: int) -> None:
    made = Span(low, high, places=places)

    assert [float(end) for end in made.split(" to ")] == [made.low, made.high]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    """-0.000 would read as a trend that falls."""
    assert Span(-0.0004, 0.066, places=3) == "0.000 to 0.066"
    assert figure(("A", -0.04), columns=("Group", "Percent")).lines == [["A", "0.0"]]


@pytest.mark.parametrize(
    ("cell", "ends"),
    [
        (Span(-7.12, 4.81, places=1), [-7.1, 4.8]),
        ("\u2013", [None, None]),
        (None, [None, None]),
        (HIDDEN, [HIDDEN, HIDDEN]),
    ],
)
def test_a_column_of_intervals_is_two_of_numbers(cell: Cell, ends: list[Cell]) -> None:
    known = Span(1, 2, places=1)

    columns, rows = figure(("A", known), ("B", cell), columns=("Group", "95 % interval")).data

    assert columns == ["Group", "95 % interval, low", "95 % interval, high"]
    assert rows == [["A", 1.0, 2.0], ["B", *ends]]


def test_an_interval_among_other_values_is_two_lines() -> None:
    rows: list[Row] = [("Change", "-1.20"), ("95 % interval", Span(-2, -0.4, places=2)), ("Converged", "yes")]

    assert figure(*rows, columns=("Estimate", "Value")).data[1] == [
        ["Change", -1.2],
        ["95 % interval, low", -2.0],
        ["95 % interval, high", -0.4],
        ["Converged", "yes"],
    ]


def test_what_is_drawn_is_told_point_by_point_under_the_words_of_its_series() -> None:
    marks = (
        Mark("line", ((1, 8), (2, 4.125)), "faint", "S1-1"),
        Mark("text", ((0, 0),), "text", "a label"),
        Mark("point", ((1, 6),), "main"),
    )
    plot = Plot(Axis(0, 2), Axis(0, 10), marks, key=(("faint", "one trial"),))

    assert figure(columns=("Day",), plot=plot).drawn == [
        ["one trial", "S1-1", "line", 1, 1.0, 8.0],
        ["one trial", "S1-1", "line", 1, 2.0, 4.12],
        ["main", "", "point", 3, 1.0, 6.0],
    ]
