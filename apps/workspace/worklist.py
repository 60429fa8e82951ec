"""The index: open tasks and ten lists of trials, each with count, link and what to do when it is empty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.diary.answer_words import BY_WHOM, moment_words, row_words
from apps.diary.models import DiaryAnswer, StaffTask
from apps.outcomes.models import Assessment
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from apps.workspace import selectors
from apps.workspace.permissions import Access
from apps.workspace.verdicts import Reading, read_assessment
from apps.workspace.work import find_work
from apps.workspace.work_rows import Line, Row, headings_of, lines_of

ROWS_SHOWN = 15
IDENTITY = "patients.patientidentity"


@dataclass(frozen=True, slots=True)
class Kind:
    """One list of work."""

    code: str
    card: str
    heading: str
    empty: str


KINDS = (
    Kind(
        "ready",
        "ready for a decision",
        "Ready for a decision",
        "No trial waits for a decision. A trial comes here when it has ended and its verdict is up to date.",
    ),
    Kind(
        "silent",
        "silent since yesterday or longer",
        "No entry since yesterday or longer",
        "Every patient in a running trial has reported today, counted in the patient's own time zone.",
    ),
    Kind(
        "unpaired",
        "without a phone",
        "No phone is paired",
        "Every patient in a running trial has a phone that can send answers.",
    ),
    Kind(
        "ending",
        "ending soon, evenings missing",
        "Ending within three days with too little evidence",
        "Every trial that ends within three days has its evenings answered. One comes here while an evening "
        "that its rule looks at is still to come, or was missed.",
    ),
    Kind(
        "hand_over",
        "to hand over",
        "To hand over for the decision",
        "No trial has ended without being handed over. One comes here on the day it ends; record what "
        "became of each lead, then hand it over.",
    ),
    Kind(
        "differs",
        "decided, and would now differ",
        "Decided, and would now differ",
        "No signed decision is in question. A trial comes here when late answers or a correction give "
        "another answer than the one that was signed.",
    ),
    Kind(
        "deferred",
        "decided, not carried out",
        "Deferred, or decided and not carried out",
        "Nothing that was decided waits. A trial stays here while its decision is deferred, its implant is "
        "not recorded or its repeat not started.",
    ),
    Kind(
        "due",
        "follow-up due",
        "Follow-up due",
        "No visit is due. A patient with an implant comes here 1, 3, 6, 12 and 24 months after it, until "
        "the visit is recorded.",
    ),
    Kind(
        "before",
        "before the leads",
        "Before the leads",
        "No trial is being prepared. Add a patient, then a trial; review, authorise, then start the baseline "
        "diary.",
    ),
    Kind(
        "running",
        "running",
        "Running",
        "No trial is running. Add a patient, then a trial; take its steps up to the diary; pair the phone.",
    ),
)


@dataclass(frozen=True, slots=True)
class WorkTable:
    kind: Kind
    count: int
    rows: tuple[Row, ...]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.rows)

    @property
    def headings(self) -> list[str]:
        return headings_of(self.kind.code)

    @property
    def lines(self) -> Iterator[Line]:
        return lines_of(self.kind.code, self.rows)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open task; ``since`` is on the patient's own clock."""

    task: StaffTask
    since: str
    named: str

    @property
    def is_urgent(self) -> bool:
        return self.task.kind == "red_flag"


@dataclass(frozen=True, slots=True)
class TaskTable:
    count: int
    urgent: int
    rows: tuple[TaskRow, ...]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def tasks_of(access: Access) -> TaskTable | None:
    """The same tasks that the filtered list shows, cut to a screenful; None for who may not see tasks."""
    clinics = access.clinics("view", resource="diary.stafftask")
    if not clinics:
        return None
    shown: list[Any] = list(selectors.open_tasks(clinics)[:ROWS_SHOWN])
    signs = selectors.warning_signs(shown)
    return TaskTable(
        count=shown[0].total if shown else 0,
        urgent=shown[0].urgent if shown else 0,
        rows=tuple(_task_row(task, signs.get(task.subject)) for task in shown),
        url=f"{reverse('admin:diary_stafftask_changelist')}?open=1",
    )


def _task_row(task: StaffTask, answer: DiaryAnswer | None) -> TaskRow:
    named = f"{row_words(answer)}, {BY_WHOM[answer.originator]}" if answer is not None else ""
    return TaskRow(task, moment_words(task.raised_at, zone=task.trial.patient.zone), named)


def lists_of(access: Access, *, at: datetime) -> tuple[list[WorkTable], int]:
    """The same queries that the filtered lists show, cut to a screenful; and how many wait for a verdict."""
    rulebook = read_rulebook()
    bases = selectors.bases_at(at, rulebook=rulebook)
    found = find_work(visible_trials(access), bases=bases, at=at, most=ROWS_SHOWN)
    shown = {row.trial.pk: row.trial for one in found.values() for row in one.rows}
    readings = readings_of(list(shown.values()), rulebook=rulebook)
    named = access.clinics("view", resource=IDENTITY)
    tables = [
        WorkTable(
            kind=kind,
            count=found[kind.code].count,
            rows=tuple(
                Row(row, readings.get(row.trial.pk), kind.code == "silent" and row.trial.clinic_id in named)
                for row in found[kind.code].rows
            ),
            url=work_url(kind.code),
        )
        for kind in KINDS
    ]
    return tables, found["waiting"].count


def visible_trials(access: Access) -> selectors.Trials:
    return selectors.trials_in(access.clinics("view", resource="trials.stimulationtrial"))


def readings_of(trials: Sequence[StimulationTrial], *, rulebook: Rulebook) -> dict[UUID, Reading]:
    """The stored verdict of each trial under its own rule set."""
    rules = selectors.rules_by_digest(rulebook)
    rows: dict[UUID, Assessment] = selectors.own_assessments({trial.pk for trial in trials})
    return {trial: read_assessment(row, rules=rules) for trial, row in rows.items()}


def work_url(code: str) -> str:
    return f"{reverse('admin:trials_stimulationtrial_changelist')}?work={code}"
