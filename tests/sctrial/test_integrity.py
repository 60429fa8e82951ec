"""Diary integrity: timing, bursts, runs, clocks, and compliance over closed questions only."""

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.integrity import (
    Answered,
    Asked,
    Compliance,
    Flag,
    Integrity,
    IntegrityLimits,
    NoZone,
    Timing,
    assess_integrity,
    timing_of,
)
from sctrial.seal import canonical_json

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
START = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
AFTER_ALL = MIDNIGHT + timedelta(days=60)
FIVE_MINUTES = timedelta(minutes=5)


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return MIDNIGHT + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def asked(day: int, *, excused: bool = False) -> Asked:
    """Open from 19:00 to 23:00 of its day."""
    return Asked(START + timedelta(days=day), at(day, 19), at(day, 23), excused)


def answered(
    day: int,
    captured: datetime,
    *,
    name: str | None = None,
    value: int = 5,
    question: bool = True,
    series: str = "target average",
) -> Answered:
    """For diary day ``day``, given at ``captured`` and received at once."""
    return Answered(
        id=name or f"{series} {day} {captured:%d %H:%M:%S}",
        series=series,
        day=START + timedelta(days=day),
        value=F(value),
        captured=captured,
        captured_day=captured.date(),
        received=captured,
        asked=asked(day) if question else None,
    )


def assess(*answers: Answered, questions: int = 0, as_of: datetime = AFTER_ALL) -> Integrity:
    return assess_integrity(answers, asked=[asked(day) for day in range(questions)], as_of=as_of)


# fmt: off
#   diary day  given at               timing
TIMINGS = [
    (0,        at(0, 19),             Timing.ON_TIME),      # the moment it opens
    (0,        at(0, 23),             Timing.ON_TIME),      # the moment it closes
    (0,        at(0, 23, 15),         Timing.ON_TIME),      # begun in time, finished within the grace
    (0,        at(0, 23, 15, 1),      Timing.LATE),
    (0,        at(1, 11),             Timing.LATE),         # the next day still remembers
    (0,        at(2, 0),              Timing.BACK_DATED),
    (0,        at(9, 20),             Timing.BACK_DATED),
    (0,        at(0, 18, 59, 59),     Timing.EARLY),
    (1,        at(0, 20),             Timing.EARLY),        # tomorrow's pain
]
# fmt: on


@pytest.mark.parametrize(("day", "captured", "timing"), TIMINGS)
def test_each_answer_has_one_timing(day: int, captured: datetime, timing: Timing) -> None:
    assert timing_of(answered(day, captured)) is timing


def test_without_a_question_only_the_calendar_speaks() -> None:
    assert timing_of(answered(0, at(1, 20), question=False)) is Timing.UNASKED
    assert timing_of(answered(0, at(2, 20), question=False)) is Timing.BACK_DATED


def test_the_patients_own_calendar_decides_and_not_the_servers() -> None:
    """23:30 on the first day in New York is the second day in UTC."""
    new_york = datetime(2026, 3, 11, 23, 30, tzinfo=timezone(timedelta(hours=-4)))
    answer = replace(answered(0, at(0, 20)), captured=new_york, captured_day=new_york.date())

    assert new_york.astimezone(UTC).date() == date(2026, 3, 12)
    assert timing_of(answer) is Timing.LATE


def test_timings_and_findings_worked_by_hand() -> None:
    found = assess(
        answered(0, at(0, 20), name="a", value=5),
        answered(1, at(2, 9), name="b", value=6),
        answered(2, at(6, 9), name="c", value=7),
        questions=4,
    )

    assert dict(found.timings) == {
        Timing.ON_TIME: 1,
        Timing.LATE: 1,
        Timing.BACK_DATED: 1,
        Timing.EARLY: 0,
        Timing.UNASKED: 0,
    }
    assert [(finding.flag, finding.entries) for finding in found.findings] == [
        (Flag.LATE, ("b",)),
        (Flag.BACK_DATED, ("c",)),
    ]
    assert found.compliance == Compliance(closed=4, on_time=1, late=2, missed=1)
    assert found.compliance.share == F(1, 4)


# --- bursts and sittings -----------------------------------------------------------------------


EIGHT_PM = at(0, 20)


def burst(count: int, *, seconds: int, start: datetime = EIGHT_PM) -> list[Answered]:
    """``count`` answers for one evening, ``seconds`` from the first to the last."""
    step = timedelta(seconds=seconds) / (count - 1)
    return [answered(0, start + n * step, name=f"{start:%H%M}-{n:02d}", value=n % 3) for n in range(count)]


# fmt: off
#   answers  seconds from first to last    burst?
BURSTS = [
    (10,     120,                          True),    # ten in two minutes, both included
    (9,      10,                           False),
    (10,     123,                          False),
    (30,     120,                          True),
]
# fmt: on


@pytest.mark.parametrize(("count", "seconds", "is_burst"), BURSTS)
def test_ten_answers_in_two_minutes_are_a_burst(count: int, seconds: int, is_burst: bool) -> None:
    answers = burst(count, seconds=seconds)

    assert assess(*answers).flagged(Flag.BURST) == (tuple(one.id for one in answers) if is_burst else ())


def test_two_bursts_are_two_findings_and_what_lies_between_is_in_neither() -> None:
    evening, night = burst(10, seconds=60), burst(12, seconds=60, start=at(0, 22))
    between = answered(0, at(0, 21), name="between")

    found = assess(*evening, between, *night)

    bursts = [len(finding.entries) for finding in found.findings if finding.flag is Flag.BURST]
    assert bursts == [10, 12]
    assert "between" not in found.flagged(Flag.BURST)


def test_a_long_burst_is_one_finding() -> None:
    answers = burst(40, seconds=400)

    (finding,) = [each for each in assess(*answers).findings if each.flag is Flag.BURST]

    assert len(finding.entries) == 40


def test_answers_that_waited_offline_and_arrive_together_are_no_burst() -> None:
    evenings = [answered(day, at(day, 20), value=day % 3) for day in range(12)]
    delivered = [replace(answer, received=at(12, 8)) for answer in evenings]

    assert assess(*delivered).findings == ()


# fmt: off
#   diary days filled in    minutes from first to last    one sitting?
SITTINGS = [
    (3,                     10,                           True),
    (3,                     11,                           False),
    (2,                     1,                            False),   # yesterday and today
]
# fmt: on


@pytest.mark.parametrize(("days", "minutes", "is_one"), SITTINGS)
def test_several_days_in_one_sitting_are_flagged(days: int, minutes: int, is_one: bool) -> None:
    step = timedelta(minutes=minutes) / (days - 1)
    answers = [answered(5 - n, at(5, 20) + n * step, value=n) for n in range(days)]

    assert len(assess(*answers).flagged(Flag.SEVERAL_DAYS_IN_ONE_SITTING)) == (days if is_one else 0)


# --- identical runs ----------------------------------------------------------------------------


def evenings(values: str, *, series: str = "target average") -> list[Answered]:
    return [
        answered(day, at(day, 20), value=int(value), series=series)
        for day, value in enumerate(values.split())
        if value != "-"
    ]


# fmt: off
#   evening by evening           days in runs
RUNS = [
    ("5 5 5 5 5",                5),
    ("5 5 5 5 6",                0),
    ("5 5 - 5 - 5 5",            5),    # a missed day does not end a run
    ("5 5 6 5 5 5",              0),    # another answer does
    ("0 0 0 0 0 0 0",            7),    # no pain at all is worth a question too
    ("4 5 5 5 5 5 3 3 3 3 3",    10),   # two runs
]
# fmt: on


@pytest.mark.parametrize(("values", "flagged"), RUNS)
def test_five_days_of_one_and_the_same_answer_are_a_run(values: str, flagged: int) -> None:
    assert len(assess(*evenings(values)).flagged(Flag.IDENTICAL_RUN)) == flagged


def test_a_run_is_within_one_series() -> None:
    answers = evenings("5 5 5") + evenings("5 5 5", series="leg average")

    assert assess(*answers).flagged(Flag.IDENTICAL_RUN) == ()


def test_five_equal_answers_on_one_evening_are_no_run() -> None:
    answers = [answered(0, at(0, 20, n)) for n in range(5)]

    assert assess(*answers).flagged(Flag.IDENTICAL_RUN) == ()


# --- clocks ------------------------------------------------------------------------------------

# fmt: off
#   captured      sent              received                              clock error?
CLOCKS = [
    (at(0, 20),   None,             at(0, 20),                            False),
    (at(0, 20),   None,             at(9, 20),                            False),   # waited offline
    (at(0, 20),   None,             at(0, 20) - FIVE_MINUTES,             False),
    (at(0, 20),   None,             at(0, 19, 54, 59),                    True),    # before it was given
    (at(0, 20),   at(9, 20),        at(9, 20),                            False),
    (at(0, 20),   at(0, 20),        at(0, 20) + FIVE_MINUTES,             False),
    (at(0, 20),   at(0, 20),        at(0, 20, 5, 1),                      True),    # the phone is slow
    (at(0, 20),   at(0, 20),        at(0, 19, 54, 59),                    True),    # the phone is fast
]
# fmt: on


@pytest.mark.parametrize(("captured", "sent", "received", "is_off"), CLOCKS)
def test_a_clock_is_off_by_more_than_five_minutes(
    captured: datetime, sent: datetime | None, received: datetime, is_off: bool
) -> None:
    answer = replace(answered(0, captured, name="one"), sent=sent, received=received)

    assert assess(answer).flagged(Flag.CLOCK_ERROR) == (("one",) if is_off else ())


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 3, 10, 20)  # noqa: DTZ001
    with pytest.raises(NoZone):
        answered(0, naive, question=False)
    with pytest.raises(NoZone):
        Asked(START, naive, at(0, 23))
    with pytest.raises(NoZone):
        assess(as_of=naive)


# --- compliance --------------------------------------------------------------------------------


def test_the_future_is_never_counted() -> None:
    """At 23:15 the second evening's grace is just running out; a second later it is over."""
    answers = [answered(0, at(0, 20)), answered(1, at(1, 20), value=4)]

    before = assess(*answers, questions=4, as_of=at(1, 23, 15)).compliance
    after = assess(*answers, questions=4, as_of=at(1, 23, 15, 1)).compliance

    assert (before.closed, before.on_time, before.share) == (1, 1, F(1))
    assert (after.closed, after.on_time, after.share) == (2, 2, F(1))


def test_before_the_first_close_there_is_no_share() -> None:
    assert assess(questions=3, as_of=at(0, 20)).compliance.share is None


def test_an_excused_question_is_not_counted_at_all() -> None:
    questions = [asked(0), asked(1, excused=True)]

    found = assess_integrity([answered(0, at(0, 20))], asked=questions, as_of=AFTER_ALL)

    assert found.compliance == Compliance(closed=1, on_time=1, late=0, missed=0)


def test_an_early_answer_is_an_answer_but_not_in_time() -> None:
    assert assess(answered(0, at(0, 12)), questions=1).compliance == Compliance(1, 0, 1, 0)


def test_limits_can_be_declared_otherwise() -> None:
    strict = IntegrityLimits(run_days=3, back_dated_days=1)
    answers = evenings("5 5 5")

    found = assess_integrity(answers, asked=(), as_of=AFTER_ALL, limits=strict)

    assert len(found.flagged(Flag.IDENTICAL_RUN)) == 3
    assert timing_of(answered(0, at(1, 9)), limits=strict) is Timing.BACK_DATED


# --- laws --------------------------------------------------------------------------------------

drawn = st.lists(
    st.builds(
        answered,
        st.integers(0, 8),
        st.integers(0, 10 * 24 * 60).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes)),
        name=st.uuids().map(str),
        value=st.integers(4, 6),
    ),
    max_size=25,
)


@unhurried
@given(drawn, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_is_no_matter(answers: list[Answered], random: Random) -> None:
    shuffled = random.sample(answers, len(answers))

    assert assess(*shuffled, questions=9) == assess(*answers, questions=9)


@unhurried
@given(drawn, st.integers(0, 15))
def test_compliance_adds_up_and_every_answer_has_a_timing(answers: list[Answered], day: int) -> None:
    found = assess(*answers, questions=9, as_of=at(day, 12))
    compliance = found.compliance

    assert compliance.on_time + compliance.late + compliance.missed == compliance.closed == min(day, 9)
    assert sum(count for _, count in found.timings) == len(answers)


@unhurried
@given(drawn, st.integers(0, 8))
def test_an_evening_answered_in_time_never_lowers_compliance(answers: list[Answered], day: int) -> None:
    without = assess(*answers, questions=9).compliance
    with_it = assess(*answers, answered(day, at(day, 20), name="one more"), questions=9).compliance

    assert with_it.share is not None
    assert without.share is not None
    assert with_it.share >= without.share


@unhurried
@given(drawn, st.integers(2, 4))
def test_a_burst_is_every_answer_that_some_short_span_holds(answers: list[Answered], fewest: int) -> None:
    limits = IntegrityLimits(burst_entries=fewest, burst_within=timedelta(hours=3))
    found = assess_integrity(answers, asked=(), as_of=AFTER_ALL, limits=limits)

    expected = set()
    for first in answers:
        near = [
            one.id for one in answers if timedelta(0) <= one.captured - first.captured <= limits.burst_within
        ]
        expected |= set(near) if len(near) >= fewest else set()
    assert set(found.flagged(Flag.BURST)) == expected


def test_the_answer_is_plain_enough_to_be_sealed() -> None:
    assert json.loads(canonical_json(asdict(assess(*evenings("5 5 5 5 5"), questions=5))))
