"""Windows: which days count, what a day is worth."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.phases import DiaryPhase
from sctrial.windows import (
    Several,
    UnknownWindow,
    Window,
    WindowFigures,
    WindowKind,
    compute_day_values,
    parse_window,
    summarise_window,
)
from tests.sctrial.diaries import LEADS_PLACED, diary

F = Fraction


def figures(scores: str, window: str, *, until: int | None = None) -> WindowFigures:
    """Trial diary from 10 March; ``until`` stretches the diary to that day by a row of another region."""
    days = compute_day_values(diary(scores, phase=DiaryPhase.TRIAL), several=Several.MEAN)
    first, last = min(days, default=None), max(days, default=None)
    return summarise_window(
        days,
        window=parse_window(window),
        first_day=first,
        last_day=date(2026, 3, until) if until else last,
    )


def march(*days: int) -> tuple[date, ...]:
    return tuple(date(2026, 3, day) for day in days)


# fmt: off
WINDOWS = [
    # diary       window                    first  last  days  total       missing dates
    ("6 5 4 3",   "last-n-days:3",          11,    13,   3,    5 + 4 + 3,  ()),
    ("6 5 4 3",   "last-n-days:1",          13,    13,   1,    3,          ()),
    ("6 - 4 3",   "last-n-days:3",          11,    13,   2,    4 + 3,      (11,)),
    ("- - 4 3",   "last-n-days:4",          10,    13,   2,    4 + 3,      (10, 11)),
    ("6 5 - 3",   "whole-phase",            10,    13,   3,    6 + 5 + 3,  (12,)),
    ("6 5 4 3",   "exclude-first-n-days:2", 12,    13,   2,    4 + 3,      ()),
    ("6 - - 3",   "exclude-first-n-days:2", 12,    13,   1,    3,          (12,)),
    ("6 3 4 3",   "best-day",               11,    11,   1,    3,          ()),
    ("6,2 5",     "whole-phase",            10,    11,   2,    4 + 5,      ()),
]
# fmt: on


@pytest.mark.parametrize(
    ("scores", "window", "ends", "sum_of_days", "missing"),
    [((*row[:2], row[2:4], row[4:6], row[6])) for row in WINDOWS],
)
def test_a_window_holds_its_days_and_names_the_missing_ones(
    scores: str, window: str, ends: tuple[int, int], sum_of_days: tuple[int, int], missing: tuple[int, ...]
) -> None:
    held = figures(scores, window)

    assert (held.first_day, held.last_day) == march(*ends)
    assert (held.days, held.total.numerator) == sum_of_days
    assert held.missing_dates == march(*missing)
    assert held.missing_days == len(missing)


def test_days_before_the_diary_began_are_missing_too() -> None:
    held = figures("4 3", "last-n-days:5")

    assert held.missing_dates == march(7, 8, 9)
    assert held.mean == F(4 + 3, 2)


def test_the_window_ends_on_the_last_day_with_any_row_not_on_the_last_score_of_this_kind() -> None:
    held = figures("6 5 4", "last-n-days:3", until=14)

    assert (held.first_day, held.last_day) == march(12, 14)
    assert held.mean == 4
    assert held.missing_dates == march(13, 14)


def test_a_phase_without_a_diary_has_no_dates_and_still_says_how_many_days_are_missing() -> None:
    held = figures("", "last-n-days:7")

    assert held == WindowFigures(None, None, 0, F(0), 7, ())
    assert held.mean is None


@pytest.mark.parametrize("window", ["whole-phase", "exclude-first-n-days:2", "best-day"])
def test_a_phase_without_a_diary_gives_other_windows_no_days_to_miss(window: str) -> None:
    assert figures("", window) == WindowFigures(None, None, 0, F(0), 0, ())


def test_leaving_out_more_days_than_there_are_leaves_none() -> None:
    assert figures("6 5", "exclude-first-n-days:2").days == 0
    assert figures("6 5 4", "exclude-first-n-days:2").mean == 4


def test_a_window_with_only_missing_days_has_no_mean() -> None:
    held = figures("6 5", "last-n-days:2", until=20)

    assert (held.days, held.mean, held.missing_dates) == (0, None, march(19, 20))


def test_the_earliest_of_equally_good_days_is_the_best_day() -> None:
    assert figures("6 3 3", "best-day").first_day == LEADS_PLACED + timedelta(days=1)


def test_a_window_does_not_reach_before_the_calendar() -> None:
    first = date(1, 1, 2)

    held = summarise_window(
        {first: F(5)}, window=parse_window("last-n-days:7"), first_day=first, last_day=first
    )

    assert held.mean == 5


# fmt: off
SEVERAL = [
    (Several.MEAN, F(8 + 2 + 5, 3)), (Several.LAST, F(5)), (Several.FIRST, F(8)),
]
# fmt: on


@pytest.mark.parametrize(("several", "value"), SEVERAL)
def test_a_day_with_several_scores_is_read_as_the_protocol_says(several: Several, value: F) -> None:
    days = compute_day_values(diary("8,2,5", phase=DiaryPhase.TRIAL), several=several)

    assert days == {LEADS_PLACED: value}


def test_the_mean_of_days_weighs_each_day_once_however_often_it_was_answered() -> None:
    assert figures("8,8,8,8 2", "whole-phase").mean == F(8 + 2, 2)


@pytest.mark.parametrize(
    "text", ["last-n-days:7", "last-n-days:366", "whole-phase", "exclude-first-n-days:2", "best-day"]
)
def test_a_window_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_window(text)) == text


@given(st.sampled_from(sorted(WindowKind)), st.integers(1, 366))
def test_every_window_survives_writing_and_reading(kind: WindowKind, n: int) -> None:
    counted = kind in {WindowKind.LAST_N_DAYS, WindowKind.EXCLUDE_FIRST_N_DAYS}
    window = Window(kind, n if counted else None)

    assert parse_window(str(window)) == window


@pytest.mark.parametrize(
    "text",
    ["", "last-n-days", "last-n-days:0", "last-n-days:-1", "last-n-days:07", "last-n-days:3.5",
     "last-n-days:367", "last-n-days:９", "whole-phase:3", "best-day:1", "LAST-N-DAYS:3", " whole-phase",
     "whole-phase\n", "last 3 days"],
)  # fmt: skip
def test_text_that_names_no_window_is_refused(text: str) -> None:
    with pytest.raises(UnknownWindow, match=r"write one of|must be from 1 to 366"):
        parse_window(text)


def test_only_the_best_day_is_report_only() -> None:
    texts = ["last-n-days:7", "whole-phase", "exclude-first-n-days:2", "best-day"]

    assert [text for text in texts if parse_window(text).report_only] == ["best-day"]


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 2, 28)), st.integers(0, 10).map(F), min_size=1))
def test_held_and_missing_days_fill_the_window(days: dict[date, F]) -> None:
    for text in ("last-n-days:7", "whole-phase", "exclude-first-n-days:3"):
        held = summarise_window(days, window=parse_window(text), first_day=min(days), last_day=max(days))

        if held.first_day and held.last_day:
            assert held.days + held.missing_days == (held.last_day - held.first_day).days + 1
        assert held.missing_days == len(held.missing_dates)
        assert held.mean == (held.total / held.days if held.days else None)


@pytest.mark.parametrize("n", [0, -1, 367])
def test_a_window_built_by_a_program_keeps_the_same_limits_as_a_written_one(n: int) -> None:
    with pytest.raises(UnknownWindow, match="must be from 1 to 366"):
        Window(WindowKind.LAST_N_DAYS, n)


def test_a_window_at_the_beginning_of_the_calendar_starts_with_its_first_day() -> None:
    second = date(1, 1, 2)

    held = summarise_window(
        {second: F(5)}, window=parse_window("last-n-days:7"), first_day=second, last_day=second
    )

    assert held.first_day == date(1, 1, 1)
    assert held.missing_dates == (date(1, 1, 1),)


@pytest.mark.parametrize("ends", [(None, LEADS_PLACED), (LEADS_PLACED, None)])
def test_a_phase_of_which_one_end_is_not_known_has_no_days(ends: tuple[date | None, date | None]) -> None:
    first, last = ends

    held = summarise_window(
        {LEADS_PLACED: F(5)}, window=parse_window("whole-phase"), first_day=first, last_day=last
    )

    assert held == WindowFigures(None, None, 0, F(0), 0, ())


def test_figures_are_sealed_under_these_names_with_the_mean_as_a_fraction() -> None:
    assert figures("6 - 4 5", "last-n-days:3").canonical() == {
        "first_day": "2026-03-11",
        "last_day": "2026-03-13",
        "days": 2,
        "missing_days": 1,
        "missing_dates": ["2026-03-11"],
        "mean": "9/2",
    }


def test_figures_of_a_phase_without_a_diary_are_sealed_with_nothing_made_up() -> None:
    assert figures("", "last-n-days:3").canonical() == {
        "first_day": None,
        "last_day": None,
        "days": 0,
        "missing_days": 3,
        "missing_dates": [],
        "mean": None,
    }


def test_how_several_scores_are_read_is_stored_under_these_names() -> None:
    assert [several.value for several in Several] == ["mean", "last", "first"]
