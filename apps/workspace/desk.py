"""What waits for somebody on one trial: each task with what it is about, and what can be decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from apps.diary.answer_words import (
    BY_WHOM,
    body_words,
    moment_words,
    question_of_body,
    question_words,
    row_words,
    score_words,
)
from apps.diary.models import CorrectionRequest, DiaryEntry, ParkedAnswer, StaffTask
from apps.diary.settling import rival_of, tip_of
from apps.diary.staff_acts import DECIDED, AnyRow, Refused
from apps.trials.models import StimulationTrial
from apps.workspace.diary_forms import SaidForm
from sctrial.mishaps import ALERT_OUTCOMES

NOT_ARRIVED: Final = "The answer that this is about has not arrived yet. Wait for it, or decline."


@dataclass(frozen=True, slots=True)
class Said:
    """One answer beside another: what, from whom, and when it was given."""

    title: str
    value: str
    by: str
    when: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a task asks to be decided: the answers side by side, and what can be done about them."""

    kind: str
    id: UUID
    question: str
    why: str
    sides: tuple[Said, ...]
    #: Id of the answer that stands; empty where none does.
    beside: str = ""
    #: Why the new answer cannot be taken now.
    obstacle: str = ""
    form: SaidForm | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One task as the page tells it."""

    row: StaffTask
    since: str
    detail: str
    closed_by: str = ""
    choice: Choice | None = None

    @property
    def is_urgent(self) -> bool:
        return self.row.kind == "red_flag"

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """What may have come of a warning sign; other tasks close with words alone."""
        return list(ALERT_OUTCOMES.items()) if self.is_urgent else []


@dataclass(frozen=True)
class Desk:
    """The tasks of a trial, and the rows that they are about, all read already."""

    trial: StimulationTrial
    tasks: Sequence[StaffTask]
    rows: Sequence[AnyRow]
    parked: Mapping[str, ParkedAnswer]
    corrections: Mapping[str, CorrectionRequest]
    name: Callable[[str], str]
    at: datetime

    def open_tasks(self) -> list[Task]:
        """Warning signs first, then what has waited longest."""
        waiting = [self._task(row) for row in self.tasks if row.closed_at is None]
        return sorted(waiting, key=lambda task: (not task.is_urgent, task.row.raised_at))

    def closed_tasks(self) -> list[Task]:
        return [self._task(row) for row in self.tasks if row.closed_at is not None]

    def _task(self, task: StaffTask) -> Task:
        return Task(
            row=task,
            since=moment_words(task.raised_at, zone=self.trial.patient.zone),
            detail=self._detail(task),
            closed_by=self.name(task.closed_by),
            choice=self._choice(task) if task.closed_at is None and task.kind in DECIDED else None,
        )

    def _detail(self, task: StaffTask) -> str:
        if task.kind == "red_flag":
            return self._signs(task)
        parked, correction = self.parked.get(task.subject), self.corrections.get(task.subject)
        if parked is not None:
            said = body_words(parked.body, trial=self.trial)
            return f"{question_words(question_of_body(parked.body))}: sent {said}"
        if correction is not None:
            return f"{correction.get_reason_display()}: {correction.text}"
        return ""

    def _signs(self, task: StaffTask) -> str:
        row = next((row for row in self.rows if str(row.pk) == task.subject), None)
        if row is None or row.captured_at is None:
            return ""
        when = moment_words(row.captured_at, zone=row.zone)
        return f"{row_words(row)}; said {BY_WHOM[row.originator]} on {when}"

    def _choice(self, task: StaffTask) -> Choice | None:
        parked, correction = self.parked.get(task.subject), self.corrections.get(task.subject)
        if parked is not None:
            return self._parked_choice(parked)
        return None if correction is None else self._correction_choice(correction)

    def _counting(self) -> list[AnyRow]:
        return [row for row in self.rows if not getattr(row, "is_aside", False)]

    def _parked_choice(self, parked: ParkedAnswer) -> Choice:
        sent = Said(
            "Came and could not be taken",
            body_words(parked.body, trial=self.trial),
            BY_WHOM[_said_by(parked)],
            moment_words(parked.captured_at, zone=parked.body["zone"]),
        )
        rival, obstacle = None, ""
        try:
            rival = rival_of(parked, trial=self.trial, rows=self._counting())
        except Refused as refused:
            obstacle = str(refused)
        return Choice(
            kind="parked",
            id=parked.pk,
            question=f"{question_words(question_of_body(parked.body))}, {day_words(parked.diary_day)}",
            why=parked.get_why_display(),
            sides=(self._stands(rival), sent) if rival else (sent,),
            beside=str(rival.pk) if rival else "",
            obstacle=obstacle,
        )

    def _correction_choice(self, request: CorrectionRequest) -> Choice:
        proposed = request.proposed_value
        asked = Said(
            "Asked for",
            "in words only" if proposed is None else self._score(proposed),
            BY_WHOM[request.originator],
            moment_words(request.captured_at, zone=request.zone),
        )
        about = next((row for row in self.rows if row.pk in (request.entry_id, request.answer_id)), None)
        why = f"{request.get_reason_display()}: “{request.text}”"
        if about is None:
            return Choice("correction", request.pk, "", why, sides=(asked,), obstacle=NOT_ARRIVED)
        stands = tip_of(about, rows=self._counting())
        before = () if stands is about else (self._stands(about, title="The patient asked about"),)
        return Choice(
            kind="correction",
            id=request.pk,
            question=f"{question_words(key_of(about))}, {day_words(about.diary_day)}",
            why=why,
            sides=(*before, self._stands(stands), asked),
            beside=str(stands.pk),
            form=correction_form(request, about, now=self.at),
        )

    def _score(self, units: int) -> str:
        return score_words(units, scale=self.trial.scale)

    def _stands(self, row: AnyRow, *, title: str = "Stands in the record") -> Said:
        when = moment_words(row.captured_at, zone=row.zone) if row.captured_at else "no time in the file"
        return Said(title, row_words(row), BY_WHOM[row.originator], when)


def correction_form(
    request: CorrectionRequest, about: AnyRow, *, now: datetime, data: Any = None
) -> SaidForm:
    """For what the answer should have been: the proposed value, or another."""
    trial = request.trial
    form = SaidForm(data, question=key_of(about), trial=trial, now=now, prefix=str(request.pk)[:8])
    if request.proposed_value is not None:
        form.fields["said"].initial = score_words(request.proposed_value, scale=trial.scale)
    return form


def _said_by(parked: ParkedAnswer) -> str:
    """A caregiver's phone need not say that it is one."""
    return "proxy" if parked.device.holder == "proxy" else str(parked.body.get("originator", "patient"))


def key_of(row: AnyRow) -> str:
    return f"{row.region}.{row.kind}" if isinstance(row, DiaryEntry) else row.question


def day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
