"""A new version of an answer as staff write it: to the same question, of the same evening."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.diary import policies
from apps.diary.models import DiaryAnswer, DiaryEntry
from apps.diary.schemas import AnswerBody, EntryBody, parse
from apps.diary.staff_acts import Act, AnyRow
from apps.trials.models import StimulationTrial


@dataclass(frozen=True, slots=True)
class Said:
    """The id of the new version, and when it was said."""

    id: UUID
    at: datetime
    zone: str


def new_version(old: AnyRow, said: Any, *, when: Said, trial: StimulationTrial, act: Act) -> AnyRow:
    """It supersedes ``old``. Raises what the rules for phones raise about ``said``."""
    captured = {"captured_at": when.at.isoformat(), "zone": when.zone}
    sent = captured | {"instrument_version": old.instrument_version, "supersedes": str(old.id)}
    place = _place(old, when=when, trial=trial, act=act)
    if isinstance(old, DiaryAnswer):
        answer = parse(AnswerBody, sent | {"question": old.question, "answer": said})
        read = policies.read_answer(answer)
        return DiaryAnswer(**place, question=old.question, answer=read, body_sha256=answer.sha256())
    entry = parse(EntryBody, sent | {"region": old.region, "kind": old.kind, "value": said})
    policies.check_value(entry.value, trial=trial)
    own = {"region": old.region, "kind": old.kind, "value": entry.value, "scale": trial.scale}
    return DiaryEntry(**place, **own, body_sha256=entry.sha256())


def _place(old: AnyRow, *, when: Said, trial: StimulationTrial, act: Act) -> dict[str, Any]:
    return {
        "id": when.id,
        "trial": trial,
        "diary_day": old.diary_day,
        "window_no": old.window_no,
        "timeliness": old.timeliness,
        "captured_at": when.at,
        "zone": when.zone,
        "utc_offset_minutes": offset_minutes(when.at, zone=when.zone),
        "received_at": act.at,
        "originator": "staff",
        "instrument_version": old.instrument_version,
        "supersedes_id": old.id,
    }


def offset_minutes(instant: datetime, *, zone: str) -> int:
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0
