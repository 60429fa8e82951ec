"""Which windows of a diary are over, and which of them were answered. What is not over is never counted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import takewhile
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min

from apps.diary import policies
from apps.diary.models import DiaryEntry, PatientDevice
from apps.trials.models import StimulationTrial
from sctrial.integrity import Compliance
from sctrial.phases import Phase
from sctrial.scales import TARGET
from sctrial.schedule import GRACE, Schedule, Timeliness

#: Phases in which the patient is expected to answer.
RUNNING: Final = (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE)
MISSES_IN_A_ROW: Final = 2
#: Below this share of closed windows staff are told. A default of this project; no study sets the number.
LEAST_SHARE: Final = Fraction(60, 100)
#: Fewer closed windows make no share: the first missed evening alone would be 0 %. A default of this project.
LEAST_CLOSED: Final = 3

#: Of one trial: per diary day, the answered windows and how timely; None is an answer to the whole day.
Answered = Mapping[date, Mapping[int | None, Timeliness]]


@dataclass(frozen=True, slots=True)
class Closed:
    """A window that is over, grace included. ``timeliness`` is None when it was missed."""

    day: date
    window: int
    closed_at: datetime
    timeliness: Timeliness | None
    excused: bool = False

    @property
    def is_missed(self) -> bool:
        return self.timeliness is None and not self.excused


def answered_windows(trial_ids: Collection[UUID], *, since: date | None = None) -> Mapping[UUID, Answered]:
    """Where each trial has a score of the target pain; answers to other questions do not make an evening."""
    rows = DiaryEntry.objects.filter(trial_id__in=trial_ids, region=TARGET, is_void=False)
    if since is not None:
        rows = rows.filter(diary_day__gte=since)
    found: dict[UUID, dict[date, dict[int | None, Timeliness]]] = defaultdict(lambda: defaultdict(dict))
    # Late first, so that an answer in time has the last word about its window.
    columns = ("trial_id", "diary_day", "window_no", "timeliness")
    for trial_id, day, window, timeliness in sorted(
        rows.order_by().values_list(*columns).distinct(), key=lambda row: row[3] != Timeliness.LATE.value
    ):
        found[trial_id][day][window or None] = Timeliness(timeliness)
    return found


def timeliness_of(answered: Answered, day: date, window: int) -> Timeliness | None:
    """How the window was answered; an answer without a window, as of a diary open all day, is for the day."""
    on_day = answered.get(day, {})
    return on_day.get(window) or on_day.get(None)


def closed_windows(trials: Sequence[StimulationTrial], *, at: datetime) -> dict[UUID, list[Closed]]:
    """Of each trial the windows that are over at ``at``, in their order."""
    ids = [trial.pk for trial in trials]
    answered = answered_windows(ids)
    paired = dict(
        PatientDevice.objects.filter(trial_id__in=ids)
        .order_by()
        .values_list("trial_id")
        .annotate(Min("paired_at"))
    )
    return {
        trial.pk: list(closed_of(trial, answered.get(trial.pk, {}), paired.get(trial.pk), at=at))
        for trial in trials
    }


def closed_of(
    trial: StimulationTrial, answered: Answered, paired_at: datetime | None, *, at: datetime
) -> Iterator[Closed]:
    zone = ZoneInfo(trial.patient.zone)
    schedule = policies.schedule_of(trial)
    for day in _days(trial, until=at.astimezone(zone).date()):
        for number, closed_at, counts_from in closes_on(schedule, day, zone):
            if counts_from > at:
                return
            timeliness = timeliness_of(answered, day, number)
            excused = timeliness is None and not _could_answer(trial, paired_at, closed_at)
            yield Closed(day, number, closed_at, timeliness, excused)


@lru_cache(maxsize=4096)
def closes_on(schedule: Schedule, day: date, zone: ZoneInfo) -> list[tuple[int, datetime, datetime]]:
    """Of each window its number, when it closes, and from when on it is over, grace included, both in UTC.

    Kept: the trials of a cohort share their days, their windows and their zones.
    """
    closes = (
        (number, closes.replace(tzinfo=zone).astimezone(UTC), GRACE if number else timedelta())
        for number, _, closes in schedule.times_on(day)
    )
    return [(number or 1, closed_at, closed_at + grace) for number, closed_at, grace in closes]


def _days(trial: StimulationTrial, *, until: date) -> Iterator[date]:
    last = min(until, trial.ended_on or until)
    for n in range((last - trial.diary_from).days + 1):
        yield trial.diary_from + timedelta(days=n)


def _could_answer(trial: StimulationTrial, paired_at: datetime | None, closed_at: datetime) -> bool:
    """A window is excused that closed before there was a phone, or after the patient had stopped."""
    stopped_at = trial.consent_withdrawn_at
    return paired_at is not None and paired_at < closed_at and (stopped_at is None or stopped_at >= closed_at)


def count(windows: Iterable[Closed]) -> Compliance:
    """Excused windows are left out of every number."""
    counted = [one for one in windows if not one.excused]
    late = sum(one.timeliness is Timeliness.LATE for one in counted)
    missed = sum(one.is_missed for one in counted)
    return Compliance(len(counted), len(counted) - late - missed, late, missed)


def run_of_misses(windows: Sequence[Closed]) -> int:
    """How many windows in a row were missed up to now."""
    counted = [one for one in windows if not one.excused]
    return sum(1 for _ in takewhile(lambda one: one.is_missed, reversed(counted)))


def is_low(windows: Iterable[Closed]) -> bool:
    """Whether under 60 % of the closed windows were answered, late ones included."""
    counts = count(windows)
    if counts.closed < LEAST_CLOSED:
        return False
    return Fraction(counts.on_time + counts.late, counts.closed) < LEAST_SHARE


def compliance_of(trial: StimulationTrial, *, at: datetime) -> Compliance:
    return count(closed_windows([trial], at=at)[trial.pk])
