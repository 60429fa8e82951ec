"""When a diary is open. Source: the diary's own rules (windows, 15 minutes of grace, one day late)."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.schedule import (
    DAY_MINUTES,
    GRACE,
    MOST_WINDOWS,
    DailyWindow,
    Outside,
    OutsideWindow,
    Place,
    Schedule,
    Timeliness,
    UnknownSchedule,
    parse_schedule,
)

EVENINGS = parse_schedule("18:00-24:00")
TWICE = parse_schedule("07:00-10:00, 18:00-24:00")
NIGHT = parse_schedule("18:00-02:00", day_starts_at_hour=2)
ANY_TIME = parse_schedule("")
DAY = date(2026, 10, 12)


def at(clock: str, *, day: int = 12) -> datetime:
    return datetime.combine(date(2026, 10, day), time.fromisoformat(clock))


READ = [
    # text                           day starts   windows in minutes after midnight of the diary day
    ("", 0, []),
    ("   ", 3, []),
    ("18:00-24:00", 0, [(18 * 60, 24 * 60)]),
    (" 07:00-10:00 ,18:00-24:00 ", 0, [(7 * 60, 10 * 60), (18 * 60, 24 * 60)]),
    ("07:00-18:00,18:00-24:00", 0, [(7 * 60, 18 * 60), (18 * 60, 24 * 60)]),
    ("00:00-24:00", 0, [(0, 24 * 60)]),
    ("18:00-02:00", 2, [(18 * 60, 26 * 60)]),
    ("00:30-01:30", 2, [(24 * 60 + 30, 25 * 60 + 30)]),
    ("02:00-02:00", 2, [(2 * 60, 26 * 60)]),
    ("23:59-24:00", 0, [(23 * 60 + 59, 24 * 60)]),
]


@pytest.mark.parametrize(("text", "starts", "windows"), READ)
def test_it_reads_windows_as_minutes_of_the_diary_day(
    text: str, starts: int, windows: list[tuple[int, int]]
) -> None:
    schedule = parse_schedule(text, day_starts_at_hour=starts)

    assert [(window.opens, window.closes) for window in schedule.windows] == windows


UNREADABLE = [
    # text                     day starts  why
    ("18:00", 0, "one end only"),
    ("18-24", 0, "hours without minutes"),
    ("18:00–24:00", 0, "a dash of print"),
    ("18:00-24:00,", 0, "an empty window"),
    ("24:00-18:00", 0, "ends before it begins"),
    ("18:00-18:00", 0, "takes no time"),
    ("18:00-25:00", 0, "no such hour"),
    ("18:60-24:00", 0, "no such minute"),
    ("1\u0668:00-24:00", 0, "other digits"),
    ("18:00-02:00", 0, "past midnight, where the day starts at midnight"),
    ("18:00-03:00", 2, "past the start of the next day"),
    ("01:00-03:00", 2, "over the start of the day"),
    ("18:00-24:00, 07:00-10:00", 0, "the later first"),
    ("07:00-10:00, 09:59-12:00", 0, "two at once"),
    (", ".join(["07:00-07:01"] * (MOST_WINDOWS + 1)), 0, "more than anybody answers"),
]


@pytest.mark.parametrize(("text", "starts", "why"), UNREADABLE, ids=[why for *_, why in UNREADABLE])
def test_it_refuses_text_that_is_no_schedule(text: str, starts: int, why: str) -> None:
    with pytest.raises(UnknownSchedule):
        parse_schedule(text, day_starts_at_hour=starts)


PLACES = [
    # schedule  answered at                day  window  timeliness
    (EVENINGS, at("18:00"), 12, 1, "on_time"),
    (EVENINGS, at("23:59:59.999999"), 12, 1, "on_time"),
    (TWICE, at("07:00"), 12, 1, "on_time"),
    (TWICE, at("09:59:59"), 12, 1, "on_time"),
    (TWICE, at("18:00"), 12, 2, "on_time"),
    (NIGHT, at("18:00"), 12, 1, "on_time"),
    (NIGHT, at("01:59:59", day=13), 12, 1, "on_time"),
    (ANY_TIME, at("00:00"), 12, None, "on_time"),
    (ANY_TIME, at("23:59"), 12, None, "on_time"),
]


@pytest.mark.parametrize(("schedule", "clock", "day", "window", "timeliness"), PLACES)
def test_an_answer_in_a_window_belongs_to_it(
    schedule: Schedule, clock: datetime, day: int, window: int | None, timeliness: str
) -> None:
    assert schedule.place(clock) == Place(date(2026, 10, day), window, Timeliness(timeliness))


OUTSIDE = [
    (EVENINGS, at("17:59:59"), Outside.NOT_OPEN),
    (EVENINGS, at("00:00", day=13), Outside.NOT_OPEN),
    (TWICE, at("10:00"), Outside.NOT_OPEN),
    (parse_schedule("07:00-10:00"), at("10:00"), Outside.CLOSED),
    (NIGHT, at("02:00", day=13), Outside.NOT_OPEN),
    (parse_schedule("18:00-22:00"), at("22:00"), Outside.CLOSED),
]


@pytest.mark.parametrize(("schedule", "clock", "why"), OUTSIDE)
def test_an_answer_outside_says_on_which_side(schedule: Schedule, clock: datetime, why: Outside) -> None:
    with pytest.raises(OutsideWindow) as outside:
        schedule.place(clock)

    assert outside.value.why is why
    assert str(schedule) in str(outside.value)


GRACES = [
    # begun              finished               taken
    ("23:59:59", at("00:00", day=13), True),
    ("18:00", at("00:14:59", day=13), True),
    ("23:59", at("00:15", day=13), False),
    ("17:59:59", at("00:01", day=13), False),
]


@pytest.mark.parametrize(("begun", "finished", "taken"), GRACES)
def test_begun_in_time_may_be_finished_within_a_quarter_of_an_hour(
    begun: str, finished: datetime, taken: bool
) -> None:
    if taken:
        assert EVENINGS.place(finished, begun=at(begun)) == Place(DAY, 1, Timeliness.GRACE)
        return
    with pytest.raises(OutsideWindow):
        EVENINGS.place(finished, begun=at(begun))


ADJACENT = [
    # begun     finished    window, timeliness
    ("12:30", "12:59:59", (1, Timeliness.ON_TIME)),
    ("12:59", "13:00",    (1, Timeliness.GRACE)),
    ("12:59", "13:14:59", (1, Timeliness.GRACE)),
    ("12:59", "13:15",    (2, Timeliness.ON_TIME)),
    ("13:00", "13:05",    (2, Timeliness.ON_TIME)),
]  # fmt: skip


@pytest.mark.parametrize(("begun", "finished", "place"), ADJACENT)
def test_begun_in_one_window_it_leaves_the_next_one_its_own_question(
    begun: str, finished: str, place: tuple[int, Timeliness]
) -> None:
    schedule = parse_schedule("12:00-13:00, 13:00-14:00")

    assert schedule.place(at(finished), begun=at(begun)) == Place(DAY, *place)


def test_begun_before_midnight_it_is_the_evenings_though_the_diary_is_open_all_day() -> None:
    schedule = parse_schedule("00:00-24:00")

    assert schedule.place(at("00:05", day=13), begun=at("23:58")) == Place(DAY, 1, Timeliness.GRACE)


@pytest.mark.parametrize(("schedule", "window"), [(EVENINGS, 1), (TWICE, 2), (NIGHT, 1), (ANY_TIME, None)])
def test_a_late_answer_belongs_to_the_last_window_of_the_day_before(
    schedule: Schedule, window: int | None
) -> None:
    assert schedule.place_yesterday(at("12:00", day=13)) == Place(DAY, window, Timeliness.LATE)


def test_before_the_day_starts_it_is_still_the_day_before() -> None:
    assert NIGHT.diary_day(at("01:59:59", day=13)) == DAY
    assert NIGHT.diary_day(at("02:00", day=13)) == date(2026, 10, 13)
    assert NIGHT.place_yesterday(at("01:59", day=14)).day == DAY


def test_a_window_on_the_29th_of_february_closes_in_march() -> None:
    (times,) = EVENINGS.times_on(date(2028, 2, 29))

    assert times == (
        1,
        datetime.fromisoformat("2028-02-29T18:00"),
        datetime.fromisoformat("2028-03-01T00:00"),
    )


def test_without_windows_the_day_itself_is_the_window() -> None:
    (times,) = parse_schedule("", day_starts_at_hour=3).times_on(DAY)

    assert times == (None, at("03:00"), at("03:00", day=13))
    assert parse_schedule("", day_starts_at_hour=3).closes_on(DAY, window=None) == times[2]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Windows in order inside one diary day; their ends may touch."""
    starts = draw(st.integers(0, 6)) * 60
    number = draw(st.integers(0, MOST_WINDOWS))
    ends = draw(
        st.lists(st.integers(starts, starts + DAY_MINUTES), min_size=2 * number, max_size=2 * number).map(
            sorted
        )
    )
    pairs = [(ends[2 * n], ends[2 * n + 1]) for n in range(number)]
    windows = tuple(DailyWindow(opens, closes) for opens, closes in pairs if opens < closes)
    return Schedule(windows, starts // 60)


clocks = st.datetimes(*map(datetime.fromisoformat, ("2020-01-01T00:00", "2040-01-01T00:00")))


@given(schedules())
def test_a_schedule_reads_what_it_writes(schedule: Schedule) -> None:
    assert parse_schedule(str(schedule), day_starts_at_hour=schedule.day_starts_at_hour) == schedule


@given(schedules(), clocks)
def test_a_clock_is_in_one_window_at_most_and_the_place_is_that_one(
    schedule: Schedule, clock: datetime
) -> None:
    day = schedule.diary_day(clock)
    inside = [
        (near, number)
        for near in (day - timedelta(days=1), day, day + timedelta(days=1))
        for number, opens, closes in schedule.times_on(near)
        if opens <= clock < closes
    ]

    try:
        place = schedule.place(clock)
    except OutsideWindow:
        assert inside == []
    else:
        assert inside == [(place.day, place.window)]


@given(schedules(), clocks, st.timedeltas(timedelta(), timedelta(hours=30)))
def test_grace_ends_a_quarter_of_an_hour_after_a_window_that_held_the_beginning(
    schedule: Schedule, clock: datetime, taken: timedelta
) -> None:
    try:
        place = schedule.place(clock, begun=clock - taken)
    except OutsideWindow:
        return
    if place.timeliness is not Timeliness.GRACE:
        return
    assert place.window is not None
    opens, closes = schedule.windows[place.window - 1].times_on(place.day)
    assert opens <= clock - taken < closes <= clock < closes + GRACE
