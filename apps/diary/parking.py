"""Nothing a patient said is dropped: what the record cannot take waits here for a member of staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer, PatientDevice, StaffTask
from apps.diary.models.requests import PARKED_OUTCOMES

#: The one reason that may pass by itself.
BASE_MISSING: Final = "base_missing"
SETTLED: Final[Mapping[str, Any]] = {"closed_by": "service", "outcome": "left"}


def raise_task(trial_id: UUID, *, kind: str, subject: object, at: datetime) -> None:
    """One open task a subject: raising it again changes nothing."""
    task = StaffTask(trial_id=trial_id, kind=kind, subject=str(subject), raised_at=at)
    StaffTask.objects.bulk_create([task], ignore_conflicts=True)


@transaction.atomic
def park(
    row: DiaryEntry | DiaryAnswer,
    *,
    body: dict[str, Any],
    why: str,
    by: PatientDevice,
    at: datetime,
    is_stored: bool = False,
    is_settled: bool = False,
) -> None:
    """Keep a refused answer as it was sent. Sent again, it stays the one row and the one task.

    ``is_settled``: nobody has to decide, but what changes this answer must find that it was refused.
    """
    # An answer of a phone always has its instant.
    assert row.captured_at is not None
    parked = ParkedAnswer(
        id=row.id,
        trial_id=by.trial_id,
        device=by,
        why=why,
        body=body,
        diary_day=row.diary_day,
        captured_at=row.captured_at,
        received_at=at,
        is_stored=is_stored,
        **({**SETTLED, "closed_at": at} if is_settled else {}),
    )
    if _is_known(row, why=why):
        return
    if not _reopen(parked):
        ParkedAnswer.objects.bulk_create([parked], ignore_conflicts=True)
    if not is_settled:
        raise_task(by.trial_id, kind="answer_parked", subject=row.id, at=at)


def _is_known(row: DiaryEntry | DiaryAnswer, *, why: str) -> bool:
    """Whether it waits already, or was decided. What was missing may be refused by now: staff read why."""
    known = ParkedAnswer.objects.filter(pk=row.id)
    known.filter(why=BASE_MISSING, closed_at__isnull=True).update(why=why)
    return known.exclude(outcome="counts").exists()


def _reopen(parked: ParkedAnswer) -> bool:
    """One that has waited before, and counted meanwhile."""
    before = ParkedAnswer.objects.filter(pk=parked.pk, outcome="counts")
    return bool(before.update(why=parked.why, is_stored=True, closed_at=None, closed_by="", outcome=""))


def release(row: DiaryEntry | DiaryAnswer, *, at: datetime) -> None:
    """Nothing holds its place any more: it stands or is replaced as any other, and nobody has to decide."""
    closing = {"closed_at": at, "closed_by": SETTLED["closed_by"]}
    parked = ParkedAnswer.objects.filter(pk=row.id, why=BASE_MISSING, closed_at__isnull=True)
    parked.update(**closing, outcome="counts", is_stored=False)
    tasks = StaffTask.objects.filter(kind="answer_parked", subject=str(row.id), closed_at__isnull=True)
    tasks.update(**closing, outcome=PARKED_OUTCOMES["counts"])


def names_red_flags(answer: DiaryEntry | DiaryAnswer) -> bool:
    if not isinstance(answer, DiaryAnswer) or answer.question != "red_flags":
        return False
    return bool(answer.answer["choices"])


def raise_red_flags(answers: Sequence[DiaryEntry | DiaryAnswer], *, at: datetime) -> None:
    for answer in filter(names_red_flags, answers):
        raise_task(answer.trial_id, kind="red_flag", subject=answer.id, at=at)
