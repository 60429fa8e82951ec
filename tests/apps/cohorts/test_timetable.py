"""Slots of a timetable: one a week or month, whatever clocks do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.cohorts.timetable import Timetable

BERLIN, NEW_YORK, LORD_HOWE, APIA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timetable", "after", "slot"),
    [
        # A Monday at six in winter (UTC+1) and in summer (UTC+2).
        (Timetable("week", 1, 6, BERLIN), "2026-01-03 12:00", "2026-01-05 05:00"),
        (Timetable("week", 1, 6, BERLIN), "2026-07-03 12:00", "2026-07-06 04:00"),
        # A slot is not after itself.
        (Timetable("week", 1, 6, BERLIN), "2026-01-05 04:59", "2026-01-05 05:00"),
        (Timetable("week", 1, 6, BERLIN), "2026-01-05 05:00", "2026-01-12 05:00"),
        # 29 March 2026, a Sunday: 02:00 is left out, clocks then show 03:00, which is 01:00 UTC.
        (Timetable("week", 7, 2, BERLIN), "2026-03-28 12:00", "2026-03-29 01:00"),
        # 25 October 2026: 02:00 comes twice; the first is 00:00 UTC, and there is no second slot.
        (Timetable("week", 7, 2, BERLIN), "2026-10-24 12:00", "2026-10-25 00:00"),
        (Timetable("week", 7, 2, BERLIN), "2026-10-25 00:00", "2026-11-01 01:00"),
        (Timetable("week", 7, 2, NEW_YORK), "2026-03-07 12:00", "2026-03-08 07:00"),
        # Half an hour of daylight saving.
        (Timetable("week", 7, 2, LORD_HOWE), "2026-10-03 00:00", "2026-10-03 15:30"),
        # Samoa left out 30 December 2011, a Friday, as a whole: its slot is the same clock's on the 31st.
        (Timetable("week", 5, 6, APIA), "2011-12-29 20:00", "2011-12-30 16:00"),
        # Months: the day, the last day of a shorter month, a leap day.
        (Timetable("month", 1, 0, "UTC"), "2026-01-01 00:00", "2026-02-01 00:00"),
        (Timetable("month", 31, 6, "UTC"), "2026-02-01 00:00", "2026-02-28 06:00"),
        (Timetable("month", 31, 6, "UTC"), "2028-02-01 00:00", "2028-02-29 06:00"),
        (Timetable("month", 30, 6, "UTC"), "2026-04-01 00:00", "2026-04-30 06:00"),
    ],
)
def test_the_next_slot(timetable: Timetable, after: str, slot: str) -> None:
    assert timetable.next_after(utc(after)) == utc(slot)


@given(
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kathmandu", "Africa/Casablanca"]),
    st.integers(1, 7),
    st.integers(0, 23),
    st.integers(0, 3 * 366 * 24 * 60),
)
def test_slots_of_a_week_are_a_week_apart_but_for_the_clocks(
    zone: str, day: int, hour: int, minutes: int
) -> None:
    start = utc("2024-01-01 00:00") + timedelta(minutes=minutes)
    timetable = Timetable("week", day, hour, zone)
    slots = [timetable.next_after(start)]
    for _ in range(60):
        slots.append(timetable.next_after(slots[-1]))

    steps = {later - earlier for earlier, later in pairwise(slots)}
    assert all(abs(step - timedelta(days=7)) <= timedelta(hours=1) for step in steps)
    assert slots[0] - start <= timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("timetable", "words"),
    [
        (Timetable("week", 1, 6, BERLIN), "every Monday at 06:00, Europe/Berlin"),
        (Timetable("month", 3, 18, "UTC"), "on day 3 of every month at 18:00, UTC"),
        (Timetable("month", 31, 0, "UTC"), "on the last day of every month at 00:00, UTC"),
    ],
)
def test_it_says_itself_in_words(timetable: Timetable, words: str) -> None:
    assert timetable.words == words
