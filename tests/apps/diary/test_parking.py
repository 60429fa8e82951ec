"""What the record cannot take waits for a person, once."""

import uuid
from typing import Any

import pytest

from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer, StaffTask
from apps.diary.parking import names_red_flags, park, raise_red_flags, raise_task
from apps.trials.models import StimulationTrial
from tests.factories import NOW, make_device

pytestmark = pytest.mark.django_db
DAY = NOW.date()


def flags(*choices: str, **facts: Any) -> DiaryAnswer:
    return DiaryAnswer(id=uuid.uuid4(), question="red_flags", answer={"choices": list(choices)}, **facts)


def tasks() -> list[tuple[str, str]]:
    return list(StaffTask.objects.values_list("kind", "subject"))


def test_a_task_is_raised_once_while_it_is_open_and_again_after_it_was_closed(
    trial: StimulationTrial,
) -> None:
    for _ in range(2):
        raise_task(trial.pk, kind="red_flag", subject="1", at=NOW)
    assert tasks() == [("red_flag", "1")]

    StaffTask.objects.update(closed_at=NOW, closed_by="staff:1", outcome="called")
    raise_task(trial.pk, kind="red_flag", subject="1", at=NOW)
    raise_task(trial.pk, kind="red_flag", subject="2", at=NOW)

    assert sorted(tasks()) == [("red_flag", "1"), ("red_flag", "1"), ("red_flag", "2")]


def test_a_parked_answer_is_kept_as_it_was_sent_first(trial: StimulationTrial) -> None:
    device, _ = make_device(trial)
    row = DiaryEntry(id=uuid.uuid4(), trial=trial, diary_day=DAY, captured_at=NOW)

    for value in (5, 6):
        park(row, body={"value": value}, why="slot_taken", by=device, at=NOW)

    assert list(ParkedAnswer.objects.values_list("pk", "why", "body")) == [
        (row.pk, "slot_taken", {"value": 5})
    ]
    assert tasks() == [("answer_parked", str(row.pk))]


def test_a_settled_answer_that_is_sent_again_is_not_opened_again(trial: StimulationTrial) -> None:
    device, _ = make_device(trial)
    row = DiaryEntry(id=uuid.uuid4(), trial=trial, diary_day=DAY, captured_at=NOW)
    park(row, body={}, why="slot_taken", by=device, at=NOW)
    StaffTask.objects.update(closed_at=NOW, closed_by="staff:1", outcome="left")

    park(row, body={}, why="slot_taken", by=device, at=NOW)

    assert StaffTask.objects.filter(closed_at__isnull=True).count() == 0


NAMED = [
    (flags("fever"), True),
    (flags(), False),
    (DiaryAnswer(question="note", answer={"text": "fever"}), False),
    (DiaryEntry(value=10), False),
]


@pytest.mark.parametrize(("row", "named"), NAMED)
def test_only_a_named_warning_sign_counts(row: DiaryEntry | DiaryAnswer, named: bool) -> None:
    assert names_red_flags(row) is named


def test_every_answer_with_a_warning_sign_is_a_task_of_its_own(trial: StimulationTrial) -> None:
    rows = [flags("fever", trial_id=trial.pk), flags(trial_id=trial.pk), flags("shocks", trial_id=trial.pk)]

    raise_red_flags(rows, at=NOW)

    assert sorted(tasks()) == sorted(("red_flag", str(row.pk)) for row in (rows[0], rows[2]))
