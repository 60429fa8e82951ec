"""How honestly a diary was kept in time. It flags and counts; it drops nothing and accuses nobody.

With paper, patients reported 90 % compliance and 11 % was real; on a third of days the binder was never
opened (Stone 2002, 2003). A phone knows when an answer was given, so that figure can be shown. Steady pain is
real too: an identical run is a reason to ask, not a verdict on the patient.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby


class NoZone(ValueError):
    """An instant without a zone: nobody can say before or after what it was."""


@dataclass(frozen=True, slots=True)
class IntegrityLimits:
    """When something is flagged. Every default is one of this project, claimed by no source."""

    #: Begun in time and finished after the close still counts.
    grace: timedelta = timedelta(minutes=15)
    #: Calendar days between the diary day and the answer from which it is back-dated; one is late.
    back_dated_days: int = 2
    #: What two clocks may differ by.
    clock_error: timedelta = timedelta(minutes=5)
    burst_entries: int = 10
    burst_within: timedelta = timedelta(minutes=2)
    #: So many diary days answered in one sitting were not answered evening by evening.
    sitting_days: int = 3
    sitting_within: timedelta = timedelta(minutes=10)
    #: So many answered days in a row with one and the same value.
    run_days: int = 5


DEFAULT_LIMITS = IntegrityLimits()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to the patient: its diary day, when it could be answered, whether it was excused."""

    day: date
    opened: datetime
    closed: datetime
    excused: bool = False

    def __post_init__(self) -> None:
        _require_zone(self.opened, self.closed)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer. ``series`` names region and kind, ``captured_day`` is the patient's calendar day then.

    ``captured`` and ``sent`` are by the phone's clock, ``received`` by the server's; an answer may wait on
    the phone for days, so only ``sent`` against ``received`` compares the two clocks.
    """

    id: str
    series: str
    day: date
    value: Fraction
    captured: datetime
    captured_day: date
    received: datetime
    sent: datetime | None = None
    asked: Asked | None = None

    def __post_init__(self) -> None:
        _require_zone(self.captured, self.received, *([] if self.sent is None else [self.sent]))


def _require_zone(*instants: datetime) -> None:
    if any(instant.utcoffset() is None for instant in instants):
        raise NoZone("an instant has no zone; give it one, such as UTC")


class Timing(StrEnum):
    """When an answer was given, by the day it speaks of; each answer has exactly one."""

    ON_TIME = "on_time"
    LATE = "late"
    BACK_DATED = "back_dated"
    #: Before the question was open, or for a day to come.
    EARLY = "early"
    #: Of its own day or the one before, without a question to be on time for.
    UNASKED = "unasked"


class Flag(StrEnum):
    """What staff should look at."""

    LATE = "late"
    BACK_DATED = "back_dated"
    EARLY = "early"
    BURST = "burst"
    SEVERAL_DAYS_IN_ONE_SITTING = "several_days_in_one_sitting"
    IDENTICAL_RUN = "identical_run"
    CLOCK_ERROR = "clock_error"


@dataclass(frozen=True, slots=True)
class Finding:
    """A flag with the ids of the answers it concerns; each burst, sitting and run is one finding."""

    flag: Flag
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compliance:
    """Questions whose time is over and that were not excused: ``on_time + late + missed == closed``.

    ``late`` were answered, but not in time.
    """

    closed: int
    on_time: int
    late: int
    missed: int

    @property
    def share(self) -> Fraction | None:
        """``on_time / closed``; None while no question is over: the future is never counted."""
        return Fraction(self.on_time, self.closed) if self.closed else None


@dataclass(frozen=True, slots=True)
class Integrity:
    """Answers by timing (every timing has a count), findings, and compliance."""

    timings: tuple[tuple[Timing, int], ...]
    findings: tuple[Finding, ...]
    compliance: Compliance

    def flagged(self, flag: Flag) -> tuple[str, ...]:
        """The ids of all answers under ``flag``."""
        return tuple(entry for finding in self.findings if finding.flag is flag for entry in finding.entries)


def assess_integrity(
    answers: Iterable[Answered],
    *,
    asked: Iterable[Asked],
    as_of: datetime,
    limits: IntegrityLimits = DEFAULT_LIMITS,
) -> Integrity:
    """Timing, flags and compliance of the patient's own answers; the order they are given in is no matter.

    Leave out what staff wrote down from a call: it is later by nature. Raises NoZone.
    """
    _require_zone(as_of)
    ordered = sorted(answers, key=lambda answer: (answer.captured, answer.id))
    timings = [timing_of(answer, limits=limits) for answer in ordered]
    return Integrity(
        timings=tuple((timing, timings.count(timing)) for timing in Timing),
        findings=tuple(_findings(ordered, timings, limits)),
        compliance=compute_compliance(ordered, asked=asked, as_of=as_of, limits=limits),
    )


def timing_of(answer: Answered, *, limits: IntegrityLimits = DEFAULT_LIMITS) -> Timing:
    """When ``answer`` was given, by the phone's clock and the patient's calendar."""
    days_after = (answer.captured_day - answer.day).days
    if days_after >= limits.back_dated_days:
        return Timing.BACK_DATED
    if days_after < 0:
        return Timing.EARLY
    if answer.asked is None:
        return Timing.UNASKED
    if answer.captured < answer.asked.opened:
        return Timing.EARLY
    return Timing.ON_TIME if answer.captured <= answer.asked.closed + limits.grace else Timing.LATE


def compute_compliance(
    answers: Iterable[Answered],
    *,
    asked: Iterable[Asked],
    as_of: datetime,
    limits: IntegrityLimits = DEFAULT_LIMITS,
) -> Compliance:
    """Compliance over the questions that were closed, grace included, before ``as_of`` and not excused.

    A question is on time when any of its answers is; several answers to one question count once.
    """
    over = {question for question in asked if not question.excused and question.closed + limits.grace < as_of}
    timed = [(answer.asked, timing_of(answer, limits=limits)) for answer in answers]
    on_time = over & {question for question, timing in timed if timing is Timing.ON_TIME}
    answered = over & {question for question, _ in timed}
    return Compliance(len(over), len(on_time), len(answered - on_time), len(over - answered))


def _findings(
    ordered: Sequence[Answered], timings: Sequence[Timing], limits: IntegrityLimits
) -> Iterator[Finding]:
    for timing, flag in (
        (Timing.LATE, Flag.LATE),
        (Timing.BACK_DATED, Flag.BACK_DATED),
        (Timing.EARLY, Flag.EARLY),
    ):
        concerned = [answer for answer, own in zip(ordered, timings, strict=True) if own is timing]
        yield from _finding(flag, concerned)
    yield from _finding(Flag.CLOCK_ERROR, [answer for answer in ordered if _clock_is_off(answer, limits)])
    for burst in _sittings(ordered, within=limits.burst_within, counts=len, fewest=limits.burst_entries):
        yield from _finding(Flag.BURST, burst)
    for sitting in _sittings(ordered, within=limits.sitting_within, counts=_days, fewest=limits.sitting_days):
        yield from _finding(Flag.SEVERAL_DAYS_IN_ONE_SITTING, sitting)
    for run in _runs(ordered, fewest=limits.run_days):
        yield from _finding(Flag.IDENTICAL_RUN, run)


def _finding(flag: Flag, concerned: Sequence[Answered]) -> Iterator[Finding]:
    if concerned:
        yield Finding(flag, tuple(answer.id for answer in concerned))


def _clock_is_off(answer: Answered, limits: IntegrityLimits) -> bool:
    # An answer cannot arrive before it was given, whether or not the phone said when it was sent.
    is_ahead = answer.captured - answer.received > limits.clock_error
    if answer.sent is None:
        return is_ahead
    return is_ahead or abs(answer.received - answer.sent) > limits.clock_error


def _days(answers: Sequence[Answered]) -> int:
    return len({answer.day for answer in answers})


def _sittings(
    ordered: Sequence[Answered],
    *,
    within: timedelta,
    counts: Callable[[Sequence[Answered]], int],
    fewest: int,
) -> Iterator[list[Answered]]:
    """Stretches in which every answer lies in some span of ``within`` that counts at least ``fewest``."""
    begin = end = 0
    for n, answer in enumerate(ordered):
        reach = n + 1
        while reach < len(ordered) and ordered[reach].captured - answer.captured <= within:
            reach += 1
        if counts(ordered[n:reach]) < fewest:
            continue
        if n >= end:
            yield from _stretch(ordered, begin, end)
            begin = n
        end = max(end, reach)
    yield from _stretch(ordered, begin, end)


def _stretch(ordered: Sequence[Answered], begin: int, end: int) -> Iterator[list[Answered]]:
    if end > begin:
        yield list(ordered[begin:end])


def _runs(ordered: Sequence[Answered], *, fewest: int) -> Iterator[list[Answered]]:
    # A missed day does not end a run: the patient's answers are still the same one after the other.
    by_series = sorted(ordered, key=lambda answer: (answer.series, answer.day, answer.captured, answer.id))
    for _, same in groupby(by_series, key=lambda answer: (answer.series, answer.value)):
        run = list(same)
        if _days(run) >= fewest:
            yield run
