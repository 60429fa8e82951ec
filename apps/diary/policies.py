"""When an answer may be taken, and where in the diary it belongs. Pure rules: the instant comes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from apps.diary.schemas import RFC_3339, AnswerBody, CapturedBody, EntryBody
from apps.problems import FieldError, Problem, invalid
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from sctrial.questions import QUESTIONS, NotAnAnswer
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.schedule import OutsideWindow, Place, Schedule, Timeliness, parse_schedule

CLOCK_ALLOWANCE = timedelta(minutes=5)
LONGEST_OPEN = timedelta(days=2)
# Answers that a phone kept while it had no network still come in after the leads are out.
OPEN_PHASES = frozenset(
    {Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE, Phase.ENDED, Phase.DECISION_PENDING}
)
# Names that zoneinfo can load but that say nothing about where a patient is.
NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})
# Wordings of a pain score, by kind; other instruments come in by import.
WORDINGS: Mapping[str, str] = MappingProxyType(
    {kind.value: f"nrs-{kind.value}-24h/1" for kind in ScoreKind if kind is not ScoreKind.CURRENT}
    | {ScoreKind.CURRENT.value: "nrs-current/1"}
)


@dataclass(frozen=True, slots=True)
class Capture:
    """The instant of an answer and where in the diary it belongs."""

    instant: datetime
    utc_offset_minutes: int
    place: Place
    begun_at: datetime | None

    @property
    def diary_day(self) -> date:
        return self.place.day

    @property
    def window_no(self) -> int | None:
        """As stored: a late answer of a diary without windows is number 0, so that it is taken once."""
        late = self.place.timeliness is Timeliness.LATE
        return (self.place.window or 0) if late else self.place.window


@cache
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - NOT_A_PLACE


@lru_cache(maxsize=1024)
def schedule_from(windows: str, day_starts_at_hour: int) -> Schedule:
    return parse_schedule(windows, day_starts_at_hour=day_starts_at_hour)


def schedule_of(trial: StimulationTrial) -> Schedule:
    return schedule_from(trial.diary_windows, trial.day_starts_at_hour)


def check_can_receive(trial: StimulationTrial) -> None:
    """Late answers of an ended trial are still taken; those of a decided or cancelled one are not."""
    if trial.phase not in OPEN_PHASES:
        raise Problem(
            409, "trial_closed", "This trial is not taking answers now. Keep the answer and ask your clinic."
        )


def check_consent(trial: StimulationTrial, *, captured_at: datetime) -> None:
    """What was answered before the patient stopped is still taken; nothing after it."""
    if trial.consent_withdrawn_at is not None and captured_at > trial.consent_withdrawn_at:
        raise Problem(
            409, "consent_withdrawn", "The diary was stopped at the patient's wish; agree again to go on."
        )


def read_capture(
    body: CapturedBody,
    *,
    trial: StimulationTrial,
    now: datetime,
    any_time: bool = False,
    of_whole_trial: bool = False,
) -> Capture:
    """The capture that ``body`` tells of, or a 400 that names the field.

    The offset must be the one its zone really has at that instant, so a local time that the zone
    skips, and a wrongly set zone, are both refused. ``any_time`` is for what no window holds,
    ``of_whole_trial`` for what is still said once the leads are out.
    """
    instant, local = read_moment(body.captured_at, zone=body.zone, now=now)
    begun = None if body.begun_at is None else _read_begun(body.begun_at, instant=instant)
    last = last_day_for(trial, local=local) if of_whole_trial else None
    place = last or _place(body, trial=trial, local=local, begun=begun, any_time=any_time)
    _check_day(place, trial=trial)
    offset = local.utcoffset() or timedelta()
    return Capture(instant, int(offset.total_seconds() // 60), place, begun)


def last_day_for(trial: StimulationTrial, *, local: datetime) -> Place | None:
    """Where what is said of the whole trial belongs after its end: late, to the last day."""
    schedule, ended = schedule_of(trial), trial.ended_on
    if ended is None or schedule.diary_day(local.replace(tzinfo=None)) <= ended:
        return None
    return Place(ended, len(schedule.windows) or None, Timeliness.LATE)


def read_moment(text: str, *, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The instant in ``text`` and the same as a wall clock of ``zone``; never later than now and a little."""
    if zone not in zone_names():
        raise invalid(FieldError("/zone", "unknown_zone", "Send an IANA name such as Europe/Berlin."))
    instant = _read_instant(text, field="/captured_at")
    local = _local_time(instant, zone)
    if instant > now + CLOCK_ALLOWANCE:
        raise _bad_instant(
            "in_the_future", f"More than 5 minutes ahead of the server, which says {now.isoformat()}."
        )
    return instant, local


def check_zone(zone: str) -> str:
    if zone not in zone_names():
        raise invalid(FieldError("/zone", "unknown_zone", "Send an IANA name such as Europe/Berlin."))
    return zone


def _bad_instant(code: str, detail: str, *, field: str = "/captured_at") -> Problem:
    return invalid(FieldError(field, code, detail))


def _read_instant(text: str, *, field: str) -> datetime:
    if not RFC_3339.fullmatch(text):
        detail = "Send it like 2026-10-12T20:14:05+02:00, offset included."
        raise _bad_instant("not_rfc3339", detail, field=field)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        detail = "The calendar or the clock has no such time."
        raise _bad_instant("no_such_time", detail, field=field) from None


def _local_time(instant: datetime, zone: str) -> datetime:
    try:
        local = instant.astimezone(ZoneInfo(zone))
    except OverflowError:
        raise _bad_instant("no_such_time", "The calendar has no such time.") from None
    if local.utcoffset() != instant.utcoffset():
        raise _bad_instant(
            "offset_zone_mismatch",
            f"{zone} does not have this offset at that time, or skips that time; check the phone's clock.",
        )
    return local


def _read_begun(text: str, *, instant: datetime) -> datetime:
    begun = _read_instant(text, field="/begun_at")
    if begun > instant:
        detail = "An answer cannot be begun after it was given."
        raise _bad_instant("after_captured_at", detail, field="/begun_at")
    if instant - begun > LONGEST_OPEN:
        detail = "A question is not left open for days; send when it was opened last, or leave this out."
        raise _bad_instant("begun_too_early", detail, field="/begun_at")
    return begun


def _place(
    body: CapturedBody, *, trial: StimulationTrial, local: datetime, begun: datetime | None, any_time: bool
) -> Place:
    schedule, clock = schedule_of(trial), local.replace(tzinfo=None)
    if any_time:
        return Place(schedule.diary_day(clock), None, Timeliness.ON_TIME)
    if body.about == "yesterday":
        return _place_yesterday(body, trial=trial, schedule=schedule, clock=clock)
    begun_clock = None if begun is None else begun.astimezone(local.tzinfo).replace(tzinfo=None)
    try:
        return schedule.place(clock, begun=begun_clock)
    except OutsideWindow as outside:
        raise _bad_instant(outside.why.value, str(outside)) from None


def _place_yesterday(
    body: CapturedBody, *, trial: StimulationTrial, schedule: Schedule, clock: datetime
) -> Place:
    if body.supersedes is not None:
        raise Problem(
            409, "late_is_final", "A late answer is taken once and not changed; ask for a correction."
        )
    place = schedule.place_yesterday(clock)
    leads = trial.lead_placed_on
    if leads is not None and place.day < leads <= schedule.diary_day(clock):
        detail = f"The leads were placed on {leads}: days before it take no new answers."
        raise invalid(FieldError("/about", "baseline_closed", detail))
    return place


def _check_day(place: Place, *, trial: StimulationTrial) -> None:
    if place.day < trial.diary_from:
        raise _bad_instant("before_diary", f"The diary of this trial begins on {trial.diary_from}.")
    if trial.ended_on is not None and place.day > trial.ended_on:
        raise _bad_instant("after_trial", f"The trial ended on {trial.ended_on}.")


@cache
def _ends(code: str) -> tuple[int, int]:
    scale = SCALES[ScaleCode(code)]
    return scale.to_units(scale.minimum), scale.to_units(scale.maximum)


def check_value(value: int, *, trial: StimulationTrial, field: str = "/value") -> None:
    """A whole number of the scale's steps, within its ends."""
    low, high = _ends(trial.scale)
    if not low <= value <= high:
        raise invalid(FieldError(field, "off_scale", f"Send a whole number from {low} to {high}."))


def read_answer(body: AnswerBody) -> dict[str, object]:
    """The answer as it is stored, or a 400 that says what its question takes."""
    try:
        return QUESTIONS[body.question].read(body.answer)
    except NotAnAnswer as error:
        raise invalid(FieldError("/answer", "not_an_answer", f"{error}.")) from None


def is_known_wording(body: EntryBody | AnswerBody) -> bool:
    if isinstance(body, EntryBody):
        return WORDINGS[body.kind] == body.instrument_version
    return QUESTIONS[body.question].version == body.instrument_version


def originator_of(body: CapturedBody, *, holder: str) -> str:
    """Who answered; a caregiver's phone never speaks as the patient."""
    originator = body.originator_on(holder=holder)
    if holder == "proxy" and originator != "proxy":
        detail = "This phone was paired for a caregiver; leave this out or send proxy."
        raise invalid(FieldError("/originator", "proxy_device", detail))
    return originator


def closing_from(trial: StimulationTrial) -> date | None:
    """The first day on which the closing questions are asked: the last planned one."""
    return trial.ended_on or trial.planned_end_on
