"""What the record holds of one trial, in the words of the API."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer, PatientDevice, StaffTask
from apps.diary.parking import SETTLED
from apps.diary.serializers import answer_json, entry_json
from apps.trials.models import StimulationTrial
from apps.workspace.demo.loading import require_demo

SHOWN = (
    "id",
    "diary_day",
    "window",
    "timeliness",
    "late_sync",
    "originator",
    "zone",
    "language",
    "captured_at",
    "supersedes",
)


def record_of(trial_id: UUID) -> dict[str, Any]:
    """Every answer, replaced ones too, what was parked, open tasks by kind, and the phones."""
    require_demo()
    trial = StimulationTrial.objects.select_related("clinic").get(pk=trial_id)
    entries = map(entry_json, DiaryEntry.objects.filter(trial=trial))
    answers = (answer_json(row, trial=trial) for row in DiaryAnswer.objects.filter(trial=trial))
    parked = ParkedAnswer.objects.filter(trial=trial).exclude(closed_by=SETTLED["closed_by"])
    tasks = StaffTask.objects.filter(trial=trial, closed_at__isnull=True).order_by("kind", "pk")
    phones = PatientDevice.objects.filter(trial=trial).order_by("paired_at", "pk")
    return {
        "answers": [*_shown(entries), *_shown(answers)],
        "parked": list(map(_parked, parked)),
        "tasks": [task.kind for task in tasks],
        "phones": [{"holder": phone.holder, "revoked": phone.revoked_at is not None} for phone in phones],
    }


def _shown(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in SHOWN} | said(row) for row in rows]


def _parked(row: ParkedAnswer) -> dict[str, Any]:
    return {"id": str(row.id), "diary_day": row.diary_day.isoformat(), "why": row.why} | said(row.body)


def said(body: Mapping[str, Any]) -> dict[str, Any]:
    """Which question and what answer: a pain score is ``target.average`` and a number."""
    if "region" in body:
        return {"question": f"{body['region']}.{body['kind']}", "value": body["value"]}
    (value,) = body["answer"].values()
    return {"question": body["question"], "value": value}
