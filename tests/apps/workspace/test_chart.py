"""The geometry of the diary chart, by arithmetic: 760 wide, 34 left, 20 right, 240 high."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest

from apps.workspace.chart import (
    LEFT,
    NARROW,
    PLOT_HEIGHT,
    RIGHT,
    WIDE,
    Day,
    Diary,
    Event,
    Frame,
    draw,
    number,
    place_tags,
    ticks_of,
)
from sctrial.phases import DiaryPhase

FIRST = date(2026, 10, 1)


def make_diary(scores: str, *, baseline_days: int, **more: object) -> Diary:
    """ "7 6 - 3" is four days, the third without an entry."""
    days = tuple(
        Day(
            FIRST + timedelta(days=n),
            None if score == "-" else Fraction(score),
            DiaryPhase.BASELINE if n < baseline_days else DiaryPhase.TRIAL,
        )
        for n, score in enumerate(scores.split())
    )
    return Diary(days, Fraction(0), Fraction(10), **more)  # type: ignore[arg-type]


def test_the_highest_score_stands_at_the_top_and_the_lowest_on_the_axis() -> None:
    drawing = draw(make_diary("10 0", baseline_days=2), width=WIDE)

    top, axis = drawing.baseline_points

    assert top.y == drawing.top
    assert axis.y == drawing.bottom == number(float(drawing.top) + PLOT_HEIGHT)


def test_a_score_stands_where_its_share_of_the_scale_puts_it() -> None:
    drawing = draw(make_diary("7.5", baseline_days=1), width=WIDE)

    assert drawing.baseline_points[0].y == number(float(drawing.bottom) - 7.5 / 10 * PLOT_HEIGHT)


def test_a_day_stands_in_the_middle_of_its_column() -> None:
    drawing = draw(make_diary("7 7 7 7", baseline_days=4), width=WIDE)

    step = (WIDE - LEFT - RIGHT) / 4

    assert [spot.x for spot in drawing.baseline_points] == [number(LEFT + step * (n + 0.5)) for n in range(4)]


def test_a_scale_that_begins_at_one_begins_at_the_axis() -> None:
    days = (Day(FIRST, Fraction(1), DiaryPhase.BASELINE),)

    drawing = draw(Diary(days, Fraction(1), Fraction(19, 2)), width=WIDE)

    assert drawing.baseline_points[0].y == drawing.bottom


def test_no_line_crosses_a_missing_day() -> None:
    drawing = draw(make_diary("7 6 - 5 5", baseline_days=5), width=WIDE)

    assert [len(run.split()) for run in drawing.baseline_runs] == [2, 2]
    assert len(drawing.misses) == 1
    assert drawing.misses[0].y == drawing.bottom


def test_no_line_joins_baseline_to_trial() -> None:
    drawing = draw(make_diary("7 7 3 3", baseline_days=2), width=WIDE)

    assert [len(run.split()) for run in drawing.baseline_runs + drawing.trial_runs] == [2, 2]


def test_a_day_alone_between_gaps_is_a_point_without_a_line() -> None:
    drawing = draw(make_diary("- 6 -", baseline_days=3), width=WIDE)

    assert drawing.baseline_runs == ()
    assert len(drawing.baseline_points) == 1


def test_the_split_stands_between_the_last_baseline_day_and_the_first_trial_day() -> None:
    drawing = draw(make_diary("7 7 7 3", baseline_days=3), width=WIDE)

    assert drawing.split == number(LEFT + 3 * (WIDE - LEFT - RIGHT) / 4)


def test_a_diary_without_trial_days_has_no_split_and_no_goal() -> None:
    drawing = draw(make_diary("7 7", baseline_days=2, goal=Fraction(7, 2)), width=WIDE)

    assert drawing.split is None
    assert drawing.goal is None


def test_baseline_mean_and_goal_stand_at_their_values() -> None:
    mean = Fraction(53, 7)
    diary = make_diary(
        "8 7 4 4", baseline_days=2, baseline_mean=mean, goal=mean / 2, goal_label="50 % lower = 3.79"
    )

    drawing = draw(diary, width=WIDE)

    bottom = float(drawing.bottom)
    assert drawing.baseline is not None
    assert drawing.baseline.y == number(bottom - 53 / 70 * PLOT_HEIGHT)
    assert drawing.goal is not None
    assert drawing.goal.y == number(bottom - 53 / 140 * PLOT_HEIGHT)
    assert drawing.goal.x1 == drawing.split


def test_the_goals_label_moves_over_the_trial_when_the_baseline_is_too_short_for_it() -> None:
    label = "50 % lower = 3.50"
    long = make_diary("7 7 7 7 3 3", baseline_days=4, goal=Fraction(7, 2), goal_label=label)
    short = make_diary("7 3 3 3 3 3 3 3 3 3", baseline_days=1, goal=Fraction(7, 2), goal_label=label)

    beside, over = draw(long, width=WIDE).goal, draw(short, width=NARROW).goal

    assert beside is not None
    assert float(beside.label_x) < float(beside.x1)
    assert over is not None
    assert over.label_x == over.x2


def test_tags_of_neighbouring_days_stand_in_rows_of_their_own() -> None:
    """Ten days on 306 px: a column is 30.6 px, wider than a tag of 22; sixty days are not."""
    events = tuple(Event(n + 1, FIRST + timedelta(days=n), "program", "Program started") for n in range(3))
    wide = make_diary(" ".join("7" * 10), baseline_days=10, events=events)
    tight = make_diary(" ".join("7" * 60), baseline_days=60, events=events)

    assert place_tags(wide, width=NARROW) == [0, 0, 0]
    assert place_tags(tight, width=NARROW) == [0, 1, 2]


def test_two_events_of_one_day_do_not_cover_each_other() -> None:
    events = (Event(1, FIRST, "leads", "Leads placed"), Event(2, FIRST, "adverse", "Adverse event"))

    tags = draw(make_diary("7 7", baseline_days=1, events=events), width=WIDE).tags

    assert tags[0].x == tags[1].x
    assert abs(float(tags[0].y) - float(tags[1].y)) >= 2 * 9


def test_an_event_outside_the_diary_stands_at_its_end() -> None:
    late = (Event(1, FIRST + timedelta(days=90), "leads", "Trial ended"),)
    diary = make_diary("7 7", baseline_days=2, events=late)

    assert draw(diary, width=WIDE).tags[0].x == number(Frame(diary, WIDE, 0).x(FIRST + timedelta(days=1)))


def test_window_days_are_shaded_as_one_band_a_stretch() -> None:
    days = tuple(
        Day(FIRST + timedelta(days=n), Fraction(5), DiaryPhase.BASELINE, in_window=n in (1, 2))
        for n in range(4)
    )

    bands = draw(Diary(days, Fraction(0), Fraction(10)), width=WIDE).bands

    step = (WIDE - LEFT - RIGHT) / 4
    assert [(band.x, band.width) for band in bands] == [(number(LEFT + step), number(2 * step))]


def test_the_interval_covers_its_scores_over_the_trial_days_of_the_window() -> None:
    """Five of seven days are shaded, two of them in the trial; a score of 12 ends at the 10 of the scale."""
    diary = make_diary("8 8 8 4 4 3 3", baseline_days=3)
    days = tuple(replace(day, in_window=n < 5) for n, day in enumerate(diary.days))

    box = draw(replace(diary, days=days, interval=(Fraction(5), Fraction(12))), width=WIDE).interval

    assert box
    column = (WIDE - LEFT - RIGHT) / 7
    assert (box.x, box.width) == (number(LEFT + 3 * column), number(2 * column))
    assert float(box.height) == pytest.approx(PLOT_HEIGHT * (10 - 5) / 10, abs=0.1)


def test_without_trial_days_in_the_window_there_is_no_interval() -> None:
    diary = make_diary("8 8 8 4 4 3 3", baseline_days=3)

    assert draw(replace(diary, interval=(Fraction(3), Fraction(5))), width=WIDE).interval is None


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 100, [0, 20, 40, 60, 80, 100]),
        (1, "19/2", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_ticks_are_round_scores_of_the_scale(lowest: int, highest: str, expected: list[int]) -> None:
    assert ticks_of(Fraction(lowest), Fraction(highest)) == expected


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_day_labels_never_crowd(width: int) -> None:
    drawing = draw(make_diary(" ".join("7" * 200), baseline_days=200), width=width)

    places = [float(tick.x) for tick in drawing.x_ticks]

    assert min(b - a for a, b in pairwise(places)) >= 50


def test_numbers_are_written_for_svg_in_any_locale() -> None:
    assert [number(1.25), number(34), number(99.96)] == ["1.2", "34", "100"]


def test_a_phase_too_narrow_for_its_name_goes_without() -> None:
    drawing = draw(make_diary("7 " + " ".join("3" * 60), baseline_days=1), width=WIDE)

    assert [label.text for label in drawing.split_labels] == ["Trial"]
