"""Where marks stand on a drawing, worked out by hand."""

import pytest

from apps.cohorts.reports.plot import (
    LEAST_LEFT,
    RIGHT,
    TOP,
    Axis,
    Mark,
    Plot,
    bars,
    even,
    ranges,
    sketch,
    sketches_of,
)

SQUARE = Axis(0, 100, even(0, 100, 50))


def test_ends_of_the_axes_are_corners_of_the_drawing() -> None:
    plot = Plot(Axis(0, 100), Axis(0, 100), (Mark("line", ((0, 0), (100, 100))),), height=200)
    (line,) = sketch(plot, width=360).shapes

    assert line.points == f"{LEAST_LEFT},{TOP + 200} {360 - RIGHT},{TOP}"


def test_a_box_has_its_upper_left_corner_whichever_way_it_is_told() -> None:
    boxes = [Mark("box", places) for places in (((0, 0), (50, 100)), ((50, 100), (0, 0)))]
    one, other = sketch(Plot(SQUARE, SQUARE, tuple(boxes)), width=760).shapes

    assert (one.x, one.y, one.width, one.height) == (other.x, other.y, other.width, other.height)


def test_there_is_a_drawing_for_a_wide_page_and_one_for_a_phone() -> None:
    assert [one.width for one in sketches_of(Plot(SQUARE, SQUARE, ()))] == [760, 360]


@pytest.mark.parametrize(("width", "ticks"), [(760, 21), (360, 11)])
def test_as_many_ticks_are_written_as_have_room(width: int, ticks: int) -> None:
    made = sketch(Plot(Axis(0, 20, even(0, 20, 1)), SQUARE, ()), width=width)
    assert len(made.x_ticks) == ticks


def test_ticks_carry_their_unit() -> None:
    assert even(0, 1, 0.5, unit=" %") == ((0, "0 %"), (0.5, "0.5 %"), (1, "1 %"))


def test_each_bar_and_range_has_its_words_above_it() -> None:
    rows = bars([("a", 40, "main"), ("b", 80, "main")], most=100, step=50, title="t").marks
    spans = ranges([("a", 1, 0, 2)], axis=Axis(0, 3), rule=0).marks

    assert [mark.text for mark in rows if mark.kind == "text"] == ["a", "b"]
    assert [mark.kind for mark in spans] == ["line", "text", "line", "point"]
