"""Where in the diary an answer belongs, on 2,000 instants, against a second telling of the rules.

Instants: anywhere from 1995 to 2037, and within hours of clock changes of thirteen zones, among them days of
23 and 25 hours, changes at midnight, half an hour's change, a day that was skipped, UTC+14 and UTC-11.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.diary.policies import read_capture, zone_names
from apps.diary.schemas import EntryBody
from apps.problems import Problem
from apps.trials.models import StimulationTrial
from tests.apps.diary.wall_clock import Rules, clock_changes, place_of

FROM, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1995, 2038))
FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)
RULES = [
    Rules("", 0),
    Rules("", 3),
    Rules("18:00-24:00", 0),
    Rules("18:00-24:00", 6),
    Rules("07:00-10:00, 18:00-24:00", 0),
    Rules("18:00-02:00", 2),
    Rules("20:00-03:00", 3),
    Rules("00:00-01:00, 02:00-03:00, 12:00-12:15", 0),
    Rules("06:00-09:00, 22:00-05:00", 6),
    Rules("00:00-24:00", 0),
    Rules("23:50-00:10, 00:10-01:00", 4),
]
ODD_ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # changes at midnight
    "America/Sao_Paulo",  # skipped midnight until 2018
    "Asia/Beirut",
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # around Ramadan
    "Pacific/Apia",  # skipped 30 December 2011
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Europe/London",
]
CHANGES = [(zone, change) for zone in ODD_ZONES for change in clock_changes(zone, years=range(2008, 2031))]

anywhere = st.tuples(
    st.sampled_from(sorted(zone_names())),
    st.integers(FROM, UNTIL).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
near_changes = st.sampled_from(CHANGES).flatmap(
    lambda change: st.tuples(
        st.just(change[0]),
        st.integers(-30 * 3600, 30 * 3600).map(lambda seconds: change[1] + timedelta(seconds=seconds)),
    )
)
begun_before = st.none() | st.integers(0, 2 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def body_at(
    instant: datetime, zone: str, *, begun: datetime | None = None, about: str = "today"
) -> EntryBody | None:
    """None where RFC 3339 cannot write the zone's offset, which counts seconds."""
    local = instant.astimezone(ZoneInfo(zone))
    offset = local.utcoffset()
    if offset is None or offset.seconds % 60:
        return None
    return EntryBody.model_validate(
        {
            "region": "target",
            "kind": "average",
            "value": 4,
            "captured_at": local.isoformat(),
            "zone": zone,
            "instrument_version": "nrs-average-24h/1",
            # A phone may have crossed a border since: the beginning is in a zone of its own.
            "begun_at": None if begun is None else begun.astimezone(UTC).isoformat(),
            "about": about,
        }
    )


def capture(body: EntryBody, rules: Rules) -> tuple[date, int | None, str] | str:
    trial = StimulationTrial(
        diary_from=date(1990, 1, 1), day_starts_at_hour=rules.starts, diary_windows=rules.text
    )
    try:
        place = read_capture(body, trial=trial, now=FAR_AHEAD).place
    except Problem as problem:
        return problem.errors[0].code
    return place.day, place.window, place.timeliness.value


@settings(max_examples=2_000)
@given(
    where=anywhere | near_changes,
    rules=st.sampled_from(RULES),
    taken=begun_before,
    about=st.sampled_from(["today", "today", "today", "yesterday"]),
)
def test_an_answer_belongs_where_the_second_telling_puts_it(
    where: tuple[str, datetime], rules: Rules, taken: timedelta | None, about: str
) -> None:
    zone, instant = where
    begun = None if taken is None else instant - taken
    body = body_at(instant, zone, begun=begun, about=about)
    if body is None:
        return

    expected = place_of(rules, instant=instant, zone=zone, begun=begun, about=about)

    assert capture(body, rules) == expected


def test_the_changes_that_are_asked_for_are_among_the_instants() -> None:
    by_hours = {
        (change - timedelta(days=1)).astimezone(ZoneInfo(zone)).utcoffset() for zone, change in CHANGES
    }

    assert len(CHANGES) > 300
    assert {timedelta(hours=h) for h in (1, 2, -5, -4, 0)} <= by_hours
    assert ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)) in CHANGES


EVENING = Rules("18:00-24:00", 0)
CASES = [
    # zone, captured at, windows, day, window, timeliness
    ("Europe/Berlin", "2026-03-28T23:59:59+01:00", EVENING, "2026-03-28", 1, "on_time"),
    # A day of 23 hours and one of 25: the evening is where it always is.
    ("Europe/Berlin", "2026-03-29T18:00:00+02:00", EVENING, "2026-03-29", 1, "on_time"),
    ("Europe/Berlin", "2026-10-25T23:59:59+01:00", EVENING, "2026-10-25", 1, "on_time"),
    # The hour that comes twice is in the window both times, and the one that is skipped never.
    ("Europe/Berlin", "2026-10-25T02:30:00+02:00", Rules("02:00-03:00", 0), "2026-10-25", 1, "on_time"),
    ("Europe/Berlin", "2026-10-25T02:30:00+01:00", Rules("02:00-03:00", 0), "2026-10-25", 1, "on_time"),
    ("Europe/Berlin", "2026-10-25T02:30:00+01:00", Rules("20:00-03:00", 3), "2026-10-24", 1, "on_time"),
    # Havana skips midnight: the day begins at one, and the evening before ends at midnight all the same.
    ("America/Havana", "2026-03-07T23:59:59-05:00", EVENING, "2026-03-07", 1, "on_time"),
    ("America/Havana", "2026-03-08T01:00:00-04:00", Rules("00:00-02:00", 0), "2026-03-08", 1, "on_time"),
    # Over the date line: the same evening twice, and an evening that never was.
    ("Asia/Tokyo", "2026-03-10T20:00:00+09:00", EVENING, "2026-03-10", 1, "on_time"),
    ("Pacific/Honolulu", "2026-03-10T20:00:00-10:00", EVENING, "2026-03-10", 1, "on_time"),
    ("Pacific/Kiritimati", "2026-03-01T18:00:00+14:00", EVENING, "2026-03-01", 1, "on_time"),
    ("Pacific/Pago_Pago", "2026-03-01T23:59:00-11:00", EVENING, "2026-03-01", 1, "on_time"),
    ("UTC", "2028-02-29T23:59:59Z", EVENING, "2028-02-29", 1, "on_time"),
    ("UTC", "2028-03-01T01:59:59Z", Rules("18:00-02:00", 2), "2028-02-29", 1, "on_time"),
]


@pytest.mark.parametrize(("zone", "captured_at", "rules", "day", "window", "timeliness"), CASES)
def test_the_wall_clock_decides(
    zone: str, captured_at: str, rules: Rules, day: str, window: int, timeliness: str
) -> None:
    body = body_at(datetime.fromisoformat(captured_at), zone)
    assert body is not None

    assert capture(body, rules) == (date.fromisoformat(day), window, timeliness)


def test_grace_over_a_clock_change_counts_on_the_wall() -> None:
    """Begun at 02:50 summer time, finished 25 minutes later at 02:15 winter time: inside the window again."""
    rules = Rules("01:00-03:00", 0)
    begun = datetime.fromisoformat("2026-10-25T02:50:00+02:00")

    again = body_at(begun + timedelta(minutes=25), "Europe/Berlin", begun=begun)
    after = body_at(begun + timedelta(minutes=75), "Europe/Berlin", begun=begun)

    assert again is not None
    assert after is not None
    assert capture(again, rules) == (date(2026, 10, 25), 1, "on_time")
    assert capture(after, rules) == (date(2026, 10, 25), 1, "grace")


LEADS = date(2026, 10, 8)
BASELINE_DAYS = [
    # captured on, about, refused
    ("2026-10-08", "yesterday", "baseline_closed"),
    ("2026-10-09", "yesterday", ""),
    ("2026-10-07", "yesterday", ""),
    ("2026-10-08", "today", ""),
]


@pytest.mark.parametrize(("day", "about", "refused"), BASELINE_DAYS)
def test_once_the_leads_are_in_no_day_before_them_takes_a_late_answer(
    day: str, about: str, refused: str
) -> None:
    body = body_at(datetime.fromisoformat(f"{day}T20:00:00+02:00"), "Europe/Berlin", about=about)
    trial = StimulationTrial(diary_from=date(2026, 10, 1), lead_placed_on=LEADS, diary_windows="18:00-24:00")
    assert body is not None

    if not refused:
        assert read_capture(body, trial=trial, now=FAR_AHEAD)
        return
    with pytest.raises(Problem) as found:
        read_capture(body, trial=trial, now=FAR_AHEAD)
    assert (found.value.errors[0].pointer, found.value.errors[0].code) == ("/about", refused)
