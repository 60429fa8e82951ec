"""How the record answers the phone: built from the row alone, so a replay is the same bytes."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial


def entry_json(entry: DiaryEntry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "region": entry.region,
        "kind": entry.kind,
        "scale": entry.scale,
        "value": entry.value,
        "captured_at": _local_text(entry.captured_at, entry.utc_offset_minutes),
        "zone": entry.zone,
        "diary_day": entry.diary_day.isoformat(),
        "received_at": entry.received_at.astimezone(UTC).isoformat(),
        "originator": entry.originator,
        "instrument_version": entry.instrument_version,
        "receipt": entry.body_sha256[:16],
    }


def trial_json(trial: StimulationTrial) -> dict[str, Any]:
    """What a phone needs to ask its questions; never a verdict."""
    return {
        "id": str(trial.id),
        "scale": trial.scale,
        "diary_from": trial.diary_from.isoformat(),
        "lead_placed_on": trial.lead_placed_on.isoformat() if trial.lead_placed_on else None,
        "clinic": {"name": trial.clinic.name, "phone": trial.clinic.phone},
    }


def _local_text(instant: datetime | None, offset_minutes: int | None) -> str | None:
    if instant is None or offset_minutes is None:
        return None
    return instant.astimezone(timezone(timedelta(minutes=offset_minutes))).isoformat()
