"""Reminders: which moments a day has, and which of them is due."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.reminders import APART, DayPlan, Moment, QuietHours, Sent, Step, plan_day
from sctrial.schedule import parse_schedule

DAY = date(2026, 10, 12)
NIGHT = QuietHours(time(22), time(8))
NEVER = QuietHours(time(0), time(0))
BERLIN = ZoneInfo("Europe/Berlin")


def plan(windows: str, *, quiet: QuietHours = NIGHT, starts: int = 0, most: int = 3) -> DayPlan:
    return plan_day(parse_schedule(windows, day_starts_at_hour=starts), DAY, quiet=quiet, most=most)


def told(moments: Sequence[Moment]) -> str:
    """Such as ``1 open 18:00``; a moment of the next calendar day carries a ``+``."""
    return ", ".join(f"{m.window} {m.step} {m.at:%H:%M}{'+' if m.at.date() > DAY else ''}" for m in moments)


# fmt: off
# Open, 2 hours later, 1 hour before the close (ipf-comfort-study.com), each moved by quiet hours and room.
PLANS = [
    # windows                     starts  quiet          moments
    ("18:00-22:00",                  0,   NEVER,         "1 open 18:00, 1 later 20:00, 1 last 21:00"),
    ("18:00-24:00",                  0,   NEVER,         "1 open 18:00, 1 later 20:00, 1 last 23:00"),
    # The last hour is counted back from the quiet hours.
    ("18:00-24:00",                  0,   NIGHT,         "1 open 18:00, 1 later 20:00, 1 last 21:00"),
    ("18:00-02:00",                  3,   NIGHT,         "1 open 18:00, 1 later 20:00, 1 last 21:00"),
    ("18:00-02:00",                  3,   NEVER,         "1 open 18:00, 1 later 20:00, 1 last 01:00+"),
    # The opening waits for their end.
    ("06:00-12:00",                  0,   NIGHT,         "1 open 08:00, 1 later 10:00, 1 last 11:00"),
    ("06:00-08:00",                  0,   NIGHT,         ""),
    ("22:00-24:00",                  0,   NIGHT,         ""),
    # Short windows: two steps within an hour are one.
    ("18:00-21:30",                  0,   NEVER,         "1 open 18:00, 1 last 20:30"),
    ("18:00-21:00",                  0,   NEVER,         "1 open 18:00, 1 last 20:00"),
    ("18:00-20:00",                  0,   NEVER,         "1 open 18:00, 1 last 19:00"),
    ("18:00-19:59",                  0,   NEVER,         "1 open 18:00"),
    ("18:00-18:10",                  0,   NEVER,         "1 open 18:00"),
    # At most three a day: every window is opened, then the day's last window is brought to mind again.
    ("07:00-10:00, 18:00-22:00",     0,   NEVER,         "1 open 07:00, 2 open 18:00, 2 last 21:00"),
    ("08:00-09:00, 12:00-13:00, 16:00-17:00, 20:00-21:00",
                                     0,   NEVER,         "2 open 12:00, 3 open 16:00, 4 open 20:00"),
    # Open all day: one window, from the waking hours' beginning to their end.
    ("",                             0,   NIGHT,         "1 open 08:00, 1 later 10:00, 1 last 21:00"),
    ("",                             4,   NEVER,         "1 open 04:00, 1 later 06:00, 1 last 03:00+"),
    # Quiet hours in the middle of the day: a step moves to their end.
    ("10:00-20:00",                  0,   QuietHours(time(11), time(14)),
                                                         "1 open 10:00, 1 later 14:00, 1 last 19:00"),
    ("10:00-20:00",                  0,   QuietHours(time(18, 30), time(19, 30)),
                                                         "1 open 10:00, 1 later 12:00"),
]
# fmt: on


@pytest.mark.parametrize(("windows", "starts", "quiet", "moments"), PLANS)
def test_a_day_has_these_moments(windows: str, starts: int, quiet: QuietHours, moments: str) -> None:
    assert told(plan(windows, quiet=quiet, starts=starts).moments) == moments


@pytest.mark.parametrize(("most", "count"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_a_clinic_may_want_fewer(most: int, count: int) -> None:
    assert len(plan("18:00-22:00", most=most).moments) == count


EVENING = plan("18:00-24:00", quiet=NEVER)


def at(clock: str, *, zone: ZoneInfo = BERLIN, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone)


def sent(*steps: str) -> list[Sent]:
    """Such as ``open 18:00``."""
    pairs = (step.split() for step in steps)
    return [Sent(1, Step(name), at(clock).astimezone(UTC)) for name, clock in pairs]


# fmt: off
DUE = [
    # now         sent before                             due
    ("17:59:59",  [],                                     None),
    ("18:00:00",  [],                                     "open"),
    ("18:01:00",  sent("open 18:00"),                     None),
    ("19:59:59",  [],                                     "open"),
    ("20:00:00",  sent("open 18:00"),                     "later"),
    # Nobody gets the two that were missed at once.
    ("20:30:00",  [],                                     "later"),
    ("23:30:00",  [],                                     "last"),
    ("22:59:59",  sent("open 18:00", "later 20:00"),      None),
    ("23:00:00",  sent("open 18:00", "later 20:00"),      "last"),
    ("23:59:59",  sent("open 18:00"),                     "last"),
    # An hour apart, also when the first was late.
    ("20:00:00",  sent("open 19:30"),                     None),
    ("20:30:00",  sent("open 19:30"),                     "later"),
    # The clock went back: after the last there is no other.
    ("21:30:00",  sent("last 20:00"),                     None),
    # What a machine sent whose clock ran ahead still counts as sent.
    ("20:00:00",  sent("open 21:00"),                     None),
]
# fmt: on


@pytest.mark.parametrize(("now", "before", "step"), DUE)
def test_what_is_due(now: str, before: list[Sent], step: str | None) -> None:
    moment = EVENING.due(at(now), answered=(), sent=before)

    assert (moment and moment.step.value) == step


def test_nothing_is_due_once_the_window_is_answered() -> None:
    assert EVENING.due(at("20:00:00"), answered={1}, sent=()) is None


def test_nothing_is_due_for_a_window_that_has_closed() -> None:
    morning = plan("08:00-10:00")

    assert morning.due(at("09:59:59"), answered=(), sent=()) is not None
    assert morning.due(at("10:00:00"), answered=(), sent=()) is None


def test_a_late_machine_does_not_send_in_quiet_hours() -> None:
    evening = plan("18:00-24:00", quiet=NIGHT)

    assert evening.due(at("21:59:59"), answered=(), sent=()) is not None
    assert evening.due(at("22:00:00"), answered=(), sent=()) is None


def test_the_morning_takes_nothing_from_the_evening() -> None:
    two = plan("07:00-10:00, 18:00-24:00", quiet=NEVER)

    moment = two.due(at("18:00:00"), answered={1}, sent=sent("open 07:00"))

    assert moment is not None
    assert (moment.window, moment.step) == (2, Step.OPEN)


@pytest.mark.parametrize(("now", "is_due"), [("03:00:00", False), ("03:49:59", False), ("03:50:00", True)])
def test_an_hour_is_an_hour_when_the_clocks_go_forward(now: str, is_due: bool) -> None:
    """From 01:50 to 03:00 summer time are ten minutes."""
    spring = date(2026, 3, 29)
    two = plan_day(parse_schedule("01:00-02:00, 03:00-05:00"), spring, quiet=NEVER)
    before = [Sent(1, Step.OPEN, at("01:50:00", day=spring))]

    assert (two.due(at(now, day=spring), answered=(), sent=before) is not None) == is_due


@pytest.mark.parametrize("clock", ["18:30:00", "19:30:00", "21:30:00"])
def test_windows_that_were_renumbered_do_not_ring_again(clock: str) -> None:
    """A morning window added in the evening makes window 1 into window 2; what came came for this evening."""
    renumbered = plan("07:00-10:00, 18:00-24:00", quiet=NEVER)

    assert renumbered.due(at(clock), answered=(), sent=sent("open 18:00")) is None
    assert renumbered.due(at("19:30:00"), answered=(), sent=()) is not None


def test_three_a_day_hold_whatever_became_of_the_windows() -> None:
    spent = sent("open 08:00", "later 10:00", "last 12:00")
    moved = [Sent(3, one.step, one.at) for one in spent]

    assert EVENING.due(at("19:00:00"), answered=(), sent=moved) is None


# fmt: off
CLOCK_CHANGES = [
    # zone                    day                window         date and times in UTC: open, later, last
    # 29 March 2026: 02:00 to 03:00 does not exist in Berlin. The step inside it comes at 03:00 summer time.
    ("Europe/Berlin",         (2026, 3, 29),   "00:30-06:00",  "28 23:30, 29 01:00, 29 03:00"),
    # 25 October 2026: 02:00 to 03:00 comes twice. The step inside it comes the first time, and once.
    ("Europe/Berlin",         (2026, 10, 25),  "00:30-06:00",  "24 22:30, 25 00:30, 25 04:00"),
    ("Australia/Lord_Howe",   (2026, 4, 5),    "01:00-05:00",  "04 14:00, 04 16:30, 04 17:30"),
    ("Pacific/Kiritimati",    (2026, 10, 12),  "18:00-22:00",  "12 04:00, 12 06:00, 12 07:00"),
    ("Pacific/Pago_Pago",     (2026, 10, 12),  "18:00-22:00",  "13 05:00, 13 07:00, 13 08:00"),
]
# fmt: on


def looks(day: date, zone: str, *, every: int = 1) -> list[datetime]:
    """Instants in the zone, ``every`` so many minutes, from well before its calendar day to well after."""
    begin = datetime.combine(day, time(), tzinfo=UTC) - timedelta(hours=26)
    return [(begin + timedelta(minutes=n)).astimezone(ZoneInfo(zone)) for n in range(0, 64 * 60, every)]


def ring(
    plan_of_day: DayPlan, nows: Sequence[datetime], *, answered_from: datetime | None = None
) -> list[Sent]:
    """What goes out when somebody looks at each of ``nows``, twice each time."""
    log: list[Sent] = []
    for now in nows:
        answered = {1, 2} if answered_from is not None and now >= answered_from else set()
        for _ in range(2):
            moment = plan_of_day.due(now, answered=answered, sent=log)
            if moment is not None:
                log.append(Sent(moment.window, moment.step, now.astimezone(UTC)))
    return log


@pytest.mark.parametrize(("zone", "day", "window", "instants"), CLOCK_CHANGES)
def test_the_wall_clock_rules_on_every_day(
    zone: str, day: tuple[int, int, int], window: str, instants: str
) -> None:
    planned = plan_day(parse_schedule(window), date(*day), quiet=NEVER)

    log = ring(planned, looks(date(*day), zone))

    assert ", ".join(f"{one.at:%d %H:%M}" for one in log) == instants
    assert [one.step for one in log] == [Step.OPEN, Step.LATER, Step.LAST]


CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
QUIET = st.builds(QuietHours, CLOCKS, CLOCKS)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"])
DAYS = st.sampled_from(
    [DAY, date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1), date(2028, 2, 29)]
)


@st.composite
def schedules(draw: st.DrawFn) -> str:
    """None, one or two windows of whole quarters of an hour."""
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=4)))
    spans = [
        f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}"
        for a, b in zip(edges[::2], edges[1::2], strict=False)
    ]
    return ", ".join(spans)


@given(windows=schedules(), quiet=QUIET, most=st.integers(0, 3))
def test_every_moment_is_loud_inside_its_window_and_apart(windows: str, quiet: QuietHours, most: int) -> None:
    schedule = parse_schedule(windows)
    times = {number or 1: (opens, closes) for number, opens, closes in schedule.times_on(DAY)}

    moments = plan_day(schedule, DAY, quiet=quiet, most=most).moments

    assert len(moments) <= most
    assert len({(m.window, m.step) for m in moments}) == len(moments)
    for m in moments:
        opens, closes = times[m.window]
        assert opens <= m.at < closes == m.until
        assert not quiet.holds(m.at)
    for n in times:
        clocks = [m.at for m in moments if m.window == n]
        assert all(later - earlier >= APART for earlier, later in pairwise(clocks))


INSTANTS = 64 * 60 // 5


@given(
    windows=schedules(),
    quiet=QUIET,
    zone=ZONES,
    day=DAYS,
    awake=st.sets(st.integers(0, INSTANTS - 1), max_size=200),
    answered=st.integers(0, INSTANTS - 1),
)
def test_whenever_somebody_looks_the_promises_hold(
    windows: str, quiet: QuietHours, zone: str, day: date, awake: set[int], answered: int
) -> None:
    """Machines that sleep for hours, two at a time, on days of any length."""
    instants = looks(day, zone, every=5)

    log = ring(
        plan_day(parse_schedule(windows), day, quiet=quiet),
        [instants[n] for n in sorted(awake)],
        answered_from=instants[answered],
    )

    assert_promises(log)
    assert all(one.at < instants[answered] for one in log)
    assert not any(quiet.holds(one.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for one in log)


@given(before=schedules(), after=schedules(), edited=st.integers(0, INSTANTS))
def test_an_edited_diary_sends_no_more_and_nothing_again(before: str, after: str, edited: int) -> None:
    """Windows edited at any moment: the log is what counts."""
    plans = [plan_day(parse_schedule(text), DAY, quiet=NEVER) for text in (before, after)]
    log: list[Sent] = []
    for n, now in enumerate(looks(DAY, "Europe/Berlin", every=5)):
        moment = plans[n >= edited].due(now, answered=(), sent=log)
        if moment is not None:
            log.append(Sent(moment.window, moment.step, now.astimezone(UTC)))

    assert_promises(log)


def assert_promises(log: Sequence[Sent]) -> None:
    """At most three a day, none of them twice, an hour apart."""
    assert len(log) <= 3
    assert len({(one.window, one.step) for one in log}) == len(log)
    assert all(later.at - earlier.at >= APART for earlier, later in pairwise(log))


# Window 18:00 to 22:00, no quiet hours; what was sent before; when staff ask; whether it is sent.
ASKED = [
    ("", "19:00", True),
    ("", "17:59", False),
    ("", "22:00", False),
    # An hour apart from every other reminder, planned or not.
    ("open 18:00", "18:59", False),
    ("open 18:00", "19:00", True),
    # Once for each window.
    ("asked 18:00", "20:00", False),
    # Three a day are three a day.
    ("open 18:00, later 20:00, last 21:00", "22:00", False),
]


@pytest.mark.parametrize(("before", "clock", "is_sent"), ASKED)
def test_staff_may_ask_once_for_each_window_within_the_rules_of_every_reminder(
    before: str, clock: str, is_sent: bool
) -> None:
    log = sent(*filter(None, before.split(", ")))

    moment = plan("18:00-22:00", quiet=NEVER).ask(at(clock), answered=(), sent=log)

    assert (moment is not None) is is_sent
    assert moment is None or (moment.window, moment.step) == (1, Step.ASKED)


def test_what_is_answered_or_quiet_is_not_asked_for() -> None:
    assert plan("18:00-24:00", quiet=NEVER).ask(at("19:00"), answered={1}, sent=()) is None
    assert plan("18:00-24:00", quiet=NIGHT).ask(at("22:30"), answered=(), sent=()) is None


def test_a_reminder_by_hand_leaves_the_planned_ones_in_place() -> None:
    planned = plan("18:00-22:00", quiet=NEVER)

    later = planned.due(at("20:00"), answered=(), sent=sent("asked 18:30"))

    assert later is not None
    assert later.step is Step.LATER
