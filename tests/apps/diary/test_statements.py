"""The one statement that stores answers: rows, trail and version together, and nothing of what is there."""

import uuid
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.statements import ANSWERS, ENTRIES, EVIDENCE, Author, insert
from apps.trials.models import StimulationTrial
from sctrial.questions import QUESTIONS
from tests.factories import NOW, make_device

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(trial: StimulationTrial) -> PatientDevice:
    return make_device(trial)[0]


def captured(device: PatientDevice, **facts: Any) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "trial": device.trial,
        "diary_day": NOW.date(),
        "captured_at": NOW,
        "zone": "UTC",
        "utc_offset_minutes": 0,
        "originator": "patient",
        "instrument_version": "x/1",
        "body_sha256": "0" * 64,
    } | facts


def score(device: PatientDevice, **facts: Any) -> DiaryEntry:
    return DiaryEntry(**{"region": "target", "kind": "average", "value": 4} | captured(device, **facts))


def other(device: PatientDevice, question: str, answer: Any) -> DiaryAnswer:
    return DiaryAnswer(question=question, answer=answer, **captured(device))


def store(rows: Any, device: PatientDevice, *, table: Any = ENTRIES) -> dict[uuid.UUID, bool]:
    """Ids of the new rows, and whether a change of each was there before it."""
    return insert(table, rows, by=Author(f"device:{device.pk}", device), at=NOW, request_id="r-1")


def version_of(trial: StimulationTrial) -> int:
    return StimulationTrial.objects.get(pk=trial.pk).evidence_version


def test_rows_trail_and_version_are_written_together(trial: StimulationTrial, device: PatientDevice) -> None:
    rows = [score(device), score(device, kind="worst", value=9)]

    assert store(rows, device) == {row.id: False for row in rows}

    assert set(DiaryEntry.objects.values_list("value", "scale", "device")) == {
        (4, trial.scale, device.pk),
        (9, trial.scale, device.pk),
    }
    events = AuditEvent.objects.filter(action="create", object_type="diary_entry")
    assert {(e.object_id, e.actor, e.clinic_id, e.request_id) for e in events} == {
        (str(row.id), f"device:{device.pk}", trial.clinic_id, "r-1") for row in rows
    }
    assert version_of(trial) == 1


def test_what_a_constraint_holds_off_leaves_no_trace(trial: StimulationTrial, device: PatientDevice) -> None:
    first = score(device, window_no=1)
    store([first], device)
    same_id = score(device, id=first.id, value=9)
    same_slot = score(device, window_no=1, value=9)
    change = score(device, window_no=1, supersedes_id=first.id)
    second_change = score(device, window_no=1, supersedes_id=first.id)

    assert store([same_id, same_slot], device) == {}
    assert store([change, second_change], device) == {change.id: False}

    assert (DiaryEntry.objects.count(), version_of(trial)) == (2, 2)
    assert AuditEvent.objects.filter(action="create", object_type="diary_entry").count() == 2


def test_two_rivals_in_one_statement_are_one_row(trial: StimulationTrial, device: PatientDevice) -> None:
    rows = [score(device, window_no=1, value=value) for value in (4, 9)]

    assert store(rows, device) == {rows[0].id: False}
    assert DiaryEntry.objects.get().value == 4


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_an_answer_raises_the_version_only_when_it_is_evidence(
    trial: StimulationTrial, device: PatientDevice, question: str
) -> None:
    store([other(device, question, {"number": 1})], device, table=ANSWERS)

    assert version_of(trial) == (1 if question in EVIDENCE else 0)
    assert AuditEvent.objects.filter(object_type="diary_answer").count() == 1


def test_json_is_stored_as_it_is(device: PatientDevice) -> None:
    answer = {"text": "'; DROP TABLE diary_diaryanswer;-- %s {x} \u6f22 \U0001f600"}

    store([other(device, "note", answer)], device, table=ANSWERS)

    assert DiaryAnswer.objects.get().answer == answer


def test_nothing_is_stored_of_nothing(trial: StimulationTrial, device: PatientDevice) -> None:
    assert store([], device) == {}
    assert version_of(trial) == 0


def test_a_member_of_staff_is_named_with_the_reason(trial: StimulationTrial, device: PatientDevice) -> None:
    by = Author("staff:7", None, entered_by="A. Coordinator", reason="told by telephone")
    row = score(device, originator="staff")

    insert(ENTRIES, [row], by=by, at=NOW, request_id="")

    stored = DiaryEntry.objects.get()
    assert (stored.device_id, stored.entered_by, stored.originator) == (None, "A. Coordinator", "staff")
    event = AuditEvent.objects.get(object_type="diary_entry")
    assert (event.actor, event.reason) == ("staff:7", "told by telephone")


def test_what_was_changed_before_it_came_is_said(trial: StimulationTrial, device: PatientDevice) -> None:
    base, other = score(device), score(device, kind="worst")
    store([score(device, supersedes_id=base.id)], device)

    assert store([base, other], device) == {base.id: True, other.id: False}
