"""How the diary was kept: in time, late, in bursts, by which clock. It counts and flags; it drops nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from apps.diary.models import DiaryEntry
from apps.diary.policies import schedule_of
from apps.trials.models import StimulationTrial
from sctrial.integrity import Answered, Asked, Compliance, Finding, Flag, Integrity, Timing, assess_integrity
from sctrial.scales import TARGET
from sctrial.schedule import Schedule

#: What staff write down from a call or import from a file is later by nature.
OWN: Final = ("patient", "proxy")
TIMING_WORDS: Final[Mapping[Timing, str]] = {
    Timing.ON_TIME: "in time",
    Timing.LATE: "a day late",
    Timing.BACK_DATED: "back-dated",
    Timing.EARLY: "before the window opened",
    Timing.UNASKED: "outside any window",
}
FLAG_WORDS: Final[Mapping[Flag, str]] = {
    Flag.LATE: "given a day late",
    Flag.BACK_DATED: "given two days or more after its day",
    Flag.EARLY: "given before its window opened",
    Flag.BURST: "ten answers or more within two minutes",
    Flag.SEVERAL_DAYS_IN_ONE_SITTING: "three days or more answered within ten minutes",
    Flag.IDENTICAL_RUN: "one and the same score on five answered days or more; steady pain does that too",
    Flag.CLOCK_ERROR: "the phone's clock was more than five minutes wrong",
}
Place = tuple[date, int | None]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One finding, and the diary days it is about."""

    words: str
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """``compliance`` is a sentence; ``timings`` and ``flags`` are empty when there is nothing to say."""

    compliance: str
    timings: str
    flags: tuple[FlagRow, ...]


def kept_of(
    trial: StimulationTrial, *, entries: Iterable[DiaryEntry], phones_since: datetime | None, at: datetime
) -> Kept:
    """``phones_since`` is when the first phone was paired: before that nobody could answer in time."""
    own = [row for row in entries if row.originator in OWN and row.region == TARGET and not row.is_void]
    asked = _asked(trial, own, phones_since=phones_since, at=at)
    found = assess_integrity([_answered(row, asked, trial) for row in own], asked=asked.values(), as_of=at)
    day_of = {str(row.pk): row.diary_day for row in own}
    return Kept(
        compliance_words(found.compliance),
        _timing_words(found),
        tuple(_flag_row(one, day_of) for one in found.findings),
    )


def compliance_words(counts: Compliance) -> str:
    if counts.share is None:
        return "No window is over yet that a phone could have answered."
    late = f", {counts.late} late" if counts.late else ""
    return (
        f"Of {counts.closed} closed window{'s' * (counts.closed != 1)} {counts.on_time} answered in time "
        f"({_percent(counts.share)} %){late}, {counts.missed} missed."
    )


def _percent(share: Fraction) -> int:
    return int(100 * share + Fraction(1, 2))


def _timing_words(found: Integrity) -> str:
    return ", ".join(f"{count} {TIMING_WORDS[timing]}" for timing, count in found.timings if count)


def _flag_row(finding: Finding, day_of: Mapping[str, date]) -> FlagRow:
    return FlagRow(FLAG_WORDS[finding.flag], tuple(sorted({day_of[entry] for entry in finding.entries})))


def _asked(
    trial: StimulationTrial, own: Sequence[DiaryEntry], *, phones_since: datetime | None, at: datetime
) -> dict[Place, Asked]:
    """Every window from the first diary day on, on the clock of the zone in which it was answered."""
    zones = {(row.diary_day, row.window_no): row.zone for row in own}
    schedule = schedule_of(trial)
    return {
        (day, number): _question(
            day,
            opens.replace(tzinfo=ZoneInfo(zones.get((day, number), trial.patient.zone))),
            closes.replace(tzinfo=ZoneInfo(zones.get((day, number), trial.patient.zone))),
            between=(phones_since, trial.consent_withdrawn_at),
        )
        for day in _days(trial, at=at)
        for number, opens, closes in schedule.times_on(day)
    }


def _question(
    day: date, opened: datetime, closed: datetime, *, between: tuple[datetime | None, datetime | None]
) -> Asked:
    """Excused are windows that closed before there was a phone, or after the patient had stopped."""
    since, until = between
    excused = since is None or since >= closed or (until is not None and until < closed)
    return Asked(day, opened, closed, excused)


def _days(trial: StimulationTrial, *, at: datetime) -> Iterator[date]:
    today = at.astimezone(ZoneInfo(trial.patient.zone)).date()
    last = min(today, trial.ended_on or today)
    for n in range((last - trial.diary_from).days + 1):
        yield trial.diary_from + timedelta(days=n)


def _answered(row: DiaryEntry, asked: Mapping[Place, Asked], trial: StimulationTrial) -> Answered:
    assert row.captured_at is not None
    local = row.captured_at.astimezone(ZoneInfo(row.zone)).replace(tzinfo=None)
    error = row.clock_error_seconds
    return Answered(
        id=str(row.pk),
        series=f"{row.region}/{row.kind}",
        day=row.diary_day,
        value=Fraction(row.value),
        captured=row.captured_at,
        captured_day=Schedule((), trial.day_starts_at_hour).diary_day(local),
        received=row.received_at,
        sent=None if error is None else row.received_at + timedelta(seconds=error),
        asked=asked.get((row.diary_day, row.window_no)),
    )
