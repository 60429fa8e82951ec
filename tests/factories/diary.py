"""Phones and answers."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.pairing import issue_invitation, redeem_code
from apps.diary.policies import WORDINGS
from apps.diary.schemas import EntryBody, parse
from apps.diary.services import Taken, record_entries
from apps.trials.models import StimulationTrial
from sctrial.questions import QUESTIONS
from tests.factories.trials import NOW


def make_device(
    trial: StimulationTrial, *, at: datetime = NOW, holder: str = "patient"
) -> tuple[PatientDevice, str]:
    """A paired phone and the token it holds."""
    code = issue_invitation(trial, by="staff:test", at=at, holder=holder).code
    return redeem_code(code, label="test phone", at=at)


def make_entry_body(**overrides: Any) -> dict[str, Any]:
    return {
        "region": "target",
        "kind": "average",
        "value": 4,
        "captured_at": "2026-10-12T19:30:00+02:00",
        "zone": "Europe/Berlin",
        "instrument_version": WORDINGS[overrides.get("kind", "average")],
    } | overrides


def make_answer_body(question: str = "sleep", answer: object = None, **overrides: Any) -> dict[str, Any]:
    return {
        "question": question,
        "answer": {"number": 6} if answer is None else answer,
        "captured_at": "2026-10-12T19:30:00+02:00",
        "zone": "Europe/Berlin",
        "instrument_version": QUESTIONS[question].version,
    } | overrides


def make_entries(
    trial: StimulationTrial, scores: Mapping[str, int | list[int]], **overrides: Any
) -> list[DiaryEntry]:
    """Answers by diary day, such as ``{"2026-10-01": 7, "2026-10-02": [6, 8]}``, sent by a phone."""
    device, _ = make_device(trial)
    sent = []
    for day, values in scores.items():
        for n, value in enumerate(values if isinstance(values, list) else [values]):
            body = make_entry_body(
                **{"value": value, "captured_at": f"{day}T08:{n:02}:00+00:00", "zone": "UTC"} | overrides
            )
            sent.append((str(uuid.uuid4()), parse(EntryBody, body)))
    latest = max(datetime.fromisoformat(body.captured_at) for _, body in sent)
    outcomes = record_entries(sent, by=device, at=max(NOW, latest), request_id="test")
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Taken)]
    assert not refused, refused[0].as_json()
    return [outcome.entry for outcome in outcomes if isinstance(outcome, Taken)]
