"""How the record answers the phone: built from the row alone, so a replay is the same bytes."""

from datetime import UTC, timedelta, timezone
from typing import Any

from apps.diary.models import ConsentEvent, CorrectionRequest, DiaryAnswer, DiaryEntry
from apps.diary.schemas import local_text
from apps.diary.wording import pick_language, wording
from apps.trials.models import StimulationTrial


def entry_json(entry: DiaryEntry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "region": entry.region,
        "kind": entry.kind,
        "scale": entry.scale,
        "value": entry.value,
        **_captured_json(entry),
    }


def answer_json(answer: DiaryAnswer, *, trial: StimulationTrial) -> dict[str, Any]:
    return {
        "id": str(answer.id),
        "question": answer.question,
        "answer": answer.answer,
        **_captured_json(answer),
        "safety": safety_json(answer, trial=trial),
    }


def safety_json(answer: DiaryAnswer, *, trial: StimulationTrial) -> dict[str, Any] | None:
    """Whom to call, with every answer that names a warning sign."""
    if answer.question != "red_flags" or not answer.answer["choices"]:
        return None
    clinic = trial.clinic
    language = pick_language(answer.language, stored=trial.patient.language)
    return {
        "clinic_phone": clinic.phone,
        "emergency_phone": clinic.emergency_phone,
        "not_monitored": wording(language).safety["not_monitored"],
    }


def _captured_json(row: DiaryEntry | DiaryAnswer) -> dict[str, Any]:
    return {
        "captured_at": local_text(row.captured_at, row.utc_offset_minutes),
        "zone": row.zone,
        "diary_day": row.diary_day.isoformat(),
        "window": row.window_no or None,
        "timeliness": row.timeliness,
        "late_sync": is_late_sync(row),
        "received_at": row.received_at.astimezone(UTC).isoformat(),
        "originator": row.originator,
        "language": row.language or None,
        "instrument_version": row.instrument_version,
        "supersedes": str(row.supersedes_id) if row.supersedes_id else None,
        "receipt": receipt_of(row.body_sha256),
    }


def is_late_sync(row: DiaryEntry | DiaryAnswer) -> bool:
    """Received on a later calendar day than it was answered, by the clock of the place it came from."""
    if row.captured_at is None or row.utc_offset_minutes is None:
        return False
    place = timezone(timedelta(minutes=row.utc_offset_minutes))
    return row.received_at.astimezone(place).date() > row.captured_at.astimezone(place).date()


def receipt_of(sha256: str) -> str:
    return sha256[:16]


def correction_json(request: CorrectionRequest) -> dict[str, Any]:
    return {
        "id": str(request.id),
        "entry": str(request.entry_id) if request.entry_id else None,
        "answer": str(request.answer_id) if request.answer_id else None,
        "reason": request.reason,
        "text": request.text,
        "proposed_value": request.proposed_value,
        "captured_at": request.captured_at.astimezone(UTC).isoformat(),
        "received_at": request.received_at.astimezone(UTC).isoformat(),
        "originator": request.originator,
        "state": request.state,
        "staff_note": request.staff_note,
        "receipt": receipt_of(request.body_sha256),
    }


def consent_json(event: ConsentEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "decision": event.decision,
        "version": event.text_version,
        "language": event.language,
        "captured_at": event.captured_at.astimezone(UTC).isoformat(),
        "received_at": event.received_at.astimezone(UTC).isoformat(),
        "originator": event.originator,
        "receipt": receipt_of(event.body_sha256),
    }


def clinic_json(trial: StimulationTrial) -> dict[str, str]:
    clinic = trial.clinic
    return {"name": clinic.name, "phone": clinic.phone, "emergency_phone": clinic.emergency_phone}


def trial_json(trial: StimulationTrial) -> dict[str, Any]:
    """What a phone needs to ask its questions; never a verdict."""
    return {
        "id": str(trial.id),
        "scale": trial.scale,
        "diary_from": trial.diary_from.isoformat(),
        "lead_placed_on": _day(trial.lead_placed_on),
        "clinic": clinic_json(trial),
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
