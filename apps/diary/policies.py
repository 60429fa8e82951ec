"""When an answer may be taken, and which diary day it belongs to. Pure rules: the instant comes in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from apps.diary.schemas import RFC_3339, EntryBody
from apps.problems import FieldError, Problem, invalid
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from sctrial.scales import SCALES, ScaleCode

CLOCK_ALLOWANCE = timedelta(minutes=5)
# Answers that a phone kept while it had no network still come in after the leads are out.
OPEN_PHASES = frozenset(
    {Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE, Phase.ENDED, Phase.DECISION_PENDING}
)
# Names that zoneinfo can load but that say nothing about where a patient is.
NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})


@dataclass(frozen=True)
class Capture:
    """The instant of an answer and the diary day it was given for."""

    instant: datetime
    utc_offset_minutes: int
    diary_day: date


@cache
def zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - NOT_A_PLACE


def check_can_receive(trial: StimulationTrial) -> None:
    """Late answers of an ended trial are still taken; those of a decided or cancelled one are not."""
    if trial.phase not in OPEN_PHASES:
        raise Problem(
            409, "trial_closed", "This trial is not taking answers now. Keep the answer and ask your clinic."
        )


def read_capture(body: EntryBody, *, trial: StimulationTrial, now: datetime) -> Capture:
    """The capture that ``body`` tells of, or a 400 that names the field.

    The offset must be the one its zone really has at that instant, so a local time that the zone
    skips, and a wrongly set zone, are both refused.
    """
    if body.zone not in zone_names():
        raise invalid(FieldError("/zone", "unknown_zone", "Send an IANA name such as Europe/Berlin."))
    instant = _read_instant(body.captured_at)
    local = _local_time(instant, body.zone)
    day = (local.replace(tzinfo=None) - timedelta(hours=trial.day_starts_at_hour)).date()
    _check_time(instant, day, trial=trial, now=now)
    offset = local.utcoffset() or timedelta()
    return Capture(instant, int(offset.total_seconds() // 60), day)


def _bad_instant(code: str, detail: str) -> Problem:
    return invalid(FieldError("/captured_at", code, detail))


def _read_instant(text: str) -> datetime:
    if not RFC_3339.fullmatch(text):
        raise _bad_instant("not_rfc3339", "Send it like 2026-10-12T20:14:05+02:00, offset included.")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _bad_instant("no_such_time", "The calendar or the clock has no such time.") from None


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


def _check_time(instant: datetime, day: date, *, trial: StimulationTrial, now: datetime) -> None:
    if instant > now + CLOCK_ALLOWANCE:
        raise _bad_instant(
            "in_the_future", f"More than 5 minutes ahead of the server, which says {now.isoformat()}."
        )
    if day < trial.diary_from:
        raise _bad_instant("before_diary", f"The diary of this trial begins on {trial.diary_from}.")
    if trial.ended_on is not None and day > trial.ended_on:
        raise _bad_instant("after_trial", f"The trial ended on {trial.ended_on}.")


def check_value(value: int, *, trial: StimulationTrial) -> None:
    """A whole number of the scale's steps, within its ends."""
    scale = SCALES[ScaleCode(trial.scale)]
    low, high = scale.to_units(scale.minimum), scale.to_units(scale.maximum)
    if not low <= value <= high:
        raise invalid(FieldError("/value", "off_scale", f"Send a whole number from {low} to {high}."))
