"""Which diary day an answer belongs to. Cases: zones, flights, clock changes, the day boundary."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.diary.policies import read_capture, zone_names
from apps.diary.schemas import EntryBody
from apps.problems import Problem
from apps.trials.models import StimulationTrial

FROM, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1995, 2038))
LONG_AGO, FAR_AHEAD = date(1990, 1, 1), datetime(2100, 1, 1, tzinfo=UTC)


def trial_with(*, boundary: int = 0, ended_on: date | None = None) -> StimulationTrial:
    return StimulationTrial(diary_from=LONG_AGO, day_starts_at_hour=boundary, ended_on=ended_on)


def body_at(captured_at: str, zone: str) -> EntryBody:
    return EntryBody(
        region="target",
        kind="average",
        value=4,
        captured_at=captured_at,
        zone=zone,
        instrument_version="nrs-average-24h/1",
    )


DAYS = [
    # zone                  captured at                    diary day
    ("Europe/Berlin", "2026-03-01T23:59:59+01:00", "2026-03-01"),
    ("Europe/Berlin", "2026-03-02T00:00:00+01:00", "2026-03-02"),
    ("Pacific/Kiritimati", "2026-03-01T00:30:00+14:00", "2026-03-01"),  # UTC says 28 February
    ("Pacific/Pago_Pago", "2026-03-01T23:30:00-11:00", "2026-03-01"),  # UTC says 2 March
    ("Europe/Berlin", "2026-03-29T03:00:00+02:00", "2026-03-29"),  # a day of 23 hours
    ("Europe/Berlin", "2026-10-25T23:59:59+01:00", "2026-10-25"),  # a day of 25 hours
    ("Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-25"),  # 02:30 for the first time
    ("Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25"),  # and for the second
    ("America/New_York", "2026-11-01T01:30:00-05:00", "2026-11-01"),
    ("America/New_York", "2026-03-10T22:00:00-04:00", "2026-03-10"),  # before the flight
    ("Europe/Berlin", "2026-03-11T09:00:00+01:00", "2026-03-11"),  # after it
    ("Asia/Tokyo", "2026-03-10T20:00:00+09:00", "2026-03-10"),
    ("Pacific/Honolulu", "2026-03-10T09:00:00-10:00", "2026-03-10"),  # the day repeats
    ("Europe/London", "2026-12-31T23:59:59+00:00", "2026-12-31"),
    ("UTC", "2028-02-29T08:00:00Z", "2028-02-29"),
    ("Australia/Lord_Howe", "2026-10-04T03:00:00+11:00", "2026-10-04"),  # a clock change of 30 minutes
    ("Asia/Kathmandu", "2026-03-01T00:10:00+05:45", "2026-03-01"),
]


@pytest.mark.parametrize(("zone", "captured_at", "day"), DAYS)
def test_the_diary_day_is_the_calendar_day_where_the_patient_is(
    zone: str, captured_at: str, day: str
) -> None:
    capture = read_capture(body_at(captured_at, zone), trial=trial_with(), now=FAR_AHEAD)

    assert capture.diary_day == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("captured_at", "day"),
    [
        ("2026-03-02T02:59:59+01:00", "2026-03-01"),
        ("2026-03-02T03:00:00+01:00", "2026-03-02"),
        # The clock jumps from 02:00 to 03:00: the wall says three, the new day has begun.
        ("2026-03-29T03:00:00+02:00", "2026-03-29"),
    ],
)
def test_an_answer_before_the_day_boundary_belongs_to_the_evening_before(captured_at: str, day: str) -> None:
    capture = read_capture(body_at(captured_at, "Europe/Berlin"), trial=trial_with(boundary=3), now=FAR_AHEAD)

    assert capture.diary_day == date.fromisoformat(day)


@given(
    seconds=st.integers(FROM, UNTIL),
    zone=st.sampled_from(sorted(zone_names())),
)
def test_the_day_equals_an_independent_reading_of_the_zone(seconds: int, zone: str) -> None:
    local = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    assert offset is not None
    if offset.seconds % 60:
        return  # RFC 3339 cannot write such an offset

    capture = read_capture(body_at(local.isoformat(), zone), trial=trial_with(), now=FAR_AHEAD)

    assert capture.diary_day == local.date()
    assert capture.instant == local
    assert timedelta(minutes=capture.utc_offset_minutes) == offset


@pytest.mark.parametrize(
    ("ahead", "taken"),
    [(timedelta(minutes=4, seconds=59), True), (timedelta(minutes=5, seconds=1), False)],
)
def test_a_phone_clock_may_be_five_minutes_ahead(ahead: timedelta, taken: bool) -> None:
    now = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
    body = body_at((now + ahead).isoformat(), "UTC")

    if taken:
        assert read_capture(body, trial=trial_with(), now=now)
        return
    with pytest.raises(Problem) as refused:
        read_capture(body, trial=trial_with(), now=now)
    assert refused.value.errors[0].code == "in_the_future"


def test_a_backlog_from_before_the_end_is_taken_and_a_later_day_is_not() -> None:
    trial = trial_with(ended_on=date(2026, 10, 12))

    kept = read_capture(body_at("2026-10-12T23:59:00Z", "UTC"), trial=trial, now=FAR_AHEAD)

    assert kept.diary_day == date(2026, 10, 12)
    with pytest.raises(Problem) as refused:
        read_capture(body_at("2026-10-13T00:00:00Z", "UTC"), trial=trial, now=FAR_AHEAD)
    assert refused.value.errors[0].code == "after_trial"
