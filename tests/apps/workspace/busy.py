"""A running trial on which everything waits at once: warning signs, two answers, corrections, silence."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.diary.consent import record_consent
from apps.diary.corrections import request_correction
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice, StaffTask
from apps.diary.pairing import issue_invitation
from apps.diary.parking import raise_task
from apps.diary.schemas import AnswerBody, ConsentBody, CorrectionBody, EntryBody, parse
from apps.diary.services import record_answers, record_entries
from apps.patients.services import move_patient
from apps.trials.models import StimulationTrial
from tests.factories import make_answer_body, make_device, make_entry_body

SCRIPT = "<script>alert(1)</script> &amp; my leg tingles"


def make_busy(trial: StimulationTrial, *, at: datetime | None = None) -> PatientDevice:
    """The patient's phone. Nothing here touches the score that the verdict looks at."""
    at = at or datetime.now(UTC)
    StimulationTrial.objects.filter(pk=trial.pk).update(
        diary_windows="00:00-24:00", goal="walk to the bakery", other_regions="left_leg"
    )
    trial.refresh_from_db()
    device, _ = make_device(trial, at=at - timedelta(days=3))
    caregiver, _ = make_device(trial, at=at - timedelta(days=2), holder="proxy")
    agree(device, at=at - timedelta(days=3))
    for days in (2, 1):
        say(device, "sleep", {"number": 3 + days}, at=at - timedelta(days=days))
        say(device, "goal_activity", {"choice": "about_half"}, at=at - timedelta(days=days))
    say(caregiver, "stated_relief", {"number": 60}, at=at - timedelta(days=1))
    say(device, "note", {"text": SCRIPT}, at=at - timedelta(days=1))
    say(device, "red_flags", {"choices": ["fever", "wound"]}, at=at - timedelta(hours=1))
    two_answers(device, at=at - timedelta(days=1))
    first = trial.entries.order_by("diary_day", "captured_at").first()
    assert first is not None, "two answers were just given"
    ask_for_correction(device, entry=str(first.pk), at=at)
    ask_for_correction(device, entry=str(uuid.uuid4()), at=at)
    raise_task(trial.pk, kind="missed_evenings", subject=trial.pk, at=at - timedelta(days=1))
    issue_invitation(trial, by="staff:1", at=at)
    move_patient(trial.patient, zone="Europe/Berlin", by=f"device:{device.pk}", at=at)
    return device


def agree(device: PatientDevice, *, at: datetime, decision: str = "given") -> None:
    sent = {"decision": decision, "version": "diary-consent/1", "language": "de"}
    body = parse(ConsentBody, sent | {"captured_at": at.isoformat(), "zone": "UTC"})
    record_consent(str(uuid.uuid4()), body, by=device, at=at, request_id="")
    device.trial.refresh_from_db()


def say(device: PatientDevice, question: str, answer: dict[str, Any], *, at: datetime) -> DiaryAnswer:
    sent = make_answer_body(question, answer, captured_at=at.isoformat(), zone="UTC")
    answer_id = str(uuid.uuid4())
    record_answers([(answer_id, parse(AnswerBody, sent))], by=device, at=at, request_id="")
    return DiaryAnswer.objects.get(pk=answer_id)


def send(device: PatientDevice, value: int, *, at: datetime, **overrides: Any) -> str:
    sent = make_entry_body(value=value, captured_at=at.isoformat(), zone="UTC", **overrides)
    entry_id = str(uuid.uuid4())
    record_entries([(entry_id, parse(EntryBody, sent))], by=device, at=at, request_id="")
    return entry_id


def two_answers(device: PatientDevice, *, at: datetime) -> tuple[DiaryEntry, str]:
    """Seven stands, eight is parked: the worst pain of one evening, said twice."""
    stands, parked = (send(device, value, at=at, kind="worst") for value in (7, 8))
    return DiaryEntry.objects.get(pk=stands), parked


def ask_for_correction(device: PatientDevice, *, entry: str, at: datetime) -> str:
    sent = {"entry": entry, "reason": "wrong_number", "text": "I meant three.", "proposed_value": 3}
    body = parse(CorrectionBody, sent | {"captured_at": at.isoformat(), "zone": "UTC"})
    request_id = str(uuid.uuid4())
    request_correction(request_id, body, by=device, at=at, trace="")
    return request_id


def task_of(trial: StimulationTrial, kind: str) -> StaffTask:
    return trial.tasks.filter(kind=kind).earliest("pk")
