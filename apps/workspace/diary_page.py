"""The diary's part of the trial page: what waits, consent, phones, answers, and who gave them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.diary.answer_words import BY_WHOM, SHORT, moment_words, origin_words, row_words
from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, ParkedAnswer
from apps.diary.staff_acts import why_no_invitation
from apps.diary.wording import LANGUAGES
from apps.trials.models import StimulationTrial
from apps.workspace import selectors
from apps.workspace.desk import Desk
from apps.workspace.diary_chart import Line
from apps.workspace.diary_forms import questions_of
from apps.workspace.glance import Glance
from apps.workspace.permissions import Access

TIMELINESS_NOTES = {"grace": "begun in time, finished after the close", "late": "given a day late"}
#: By whether it was put aside.
NOT_STANDING = {False: "replaced by a later answer", True: "not counted: what it changes was not taken"}
STRUCK = "struck out by staff; counts for nothing"


@dataclass(frozen=True, slots=True)
class Cell:
    row: DiaryAnswer
    text: str
    by: str
    is_replaced: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """Days down, questions across; a column for each question that was ever answered."""

    columns: tuple[str, ...]
    rows: tuple[tuple[date, tuple[tuple[Cell, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class RecordLine:
    entry: DiaryEntry
    is_replaced: bool
    origin: str
    note: str
    #: Nothing has taken its place, so it can be corrected, struck out or restored.
    is_open: bool


class Diary:
    """Reads once what several parts of the page tell, and names the people in it."""

    def __init__(
        self,
        trial: StimulationTrial,
        *,
        entries: Sequence[DiaryEntry],
        glance: Glance,
        people: Iterable[str],
        access: Access,
        at: datetime,
    ) -> None:
        """``people`` are others whom the page names."""
        self.trial, self.entries, self.access, self.at = trial, entries, access, at
        self.zone = trial.patient.zone
        self.answers = list(selectors.answers_of(trial, with_notes=self.may("view", "diaryanswer.note")))
        self.tasks = list(trial.tasks.all()) if self.may("view", "stafftask") else []
        self.zones, self.invitations = glance.moves, glance.invitations
        actors = [task.closed_by for task in self.tasks] + [change.by for change in self.zones]
        entered = (row.entered_by for row in (*entries, *self.answers))
        self.names = selectors.names_of({*people, *actors, *entered})
        #: By whatever takes their place: what is struck out is marked like what is replaced.
        self.replaced = {one.supersedes_id for one in self.entries} | {
            one.supersedes_id for one in self.answers
        }

    def may(self, act: str, resource: str) -> bool:
        return self.access.may(act, resource=f"diary.{resource}", clinic=self.trial.clinic_id)

    def _waiting(self, model: type[Any], resource: str, kind: str) -> dict[str, Any]:
        """Rows that the trial's tasks are about, by id."""
        wanted = [task.subject for task in self.tasks if task.kind == kind]
        if not (wanted and self.may("view", resource)):
            return {}
        return {
            str(row.pk): row
            for row in model.objects.filter(trial=self.trial, pk__in=wanted).select_related("trial", "device")
        }

    def name(self, actor: str) -> str:
        if actor.startswith("device:"):
            return "a phone"
        return self.names.get(actor, actor)

    def context(self, *, lines: Iterable[Line]) -> dict[str, Any]:
        desk = self._desk()
        return {
            "open_tasks": desk.open_tasks(),
            "closed_tasks": desk.closed_tasks(),
            "sees_tasks": self.may("view", "stafftask"),
            "may_close": self.may("change", "stafftask"),
            "may_settle": self.may("change", "parkedanswer"),
            "may_write": self.may("add", "diaryentry"),
            "may_revise": self.may("change", "diaryentry"),
            "questions": questions_of(self.trial).items(),
            "answer_table": self._answer_table(),
            "record": [self._record_line(entry) for entry in self.entries],
            "who_answered": who_answered(lines),
            "zones": [
                (change.zone, moment_words(change.since, zone=change.zone), self._moved_by(change.by))
                for change in self.zones
            ],
            **self._consent(),
            **self._invitations(),
        }

    def _desk(self) -> Desk:
        parked = self._waiting(ParkedAnswer, "parkedanswer", "answer_parked")
        if not self.may("view", "diaryanswer.note"):
            parked = {pk: row for pk, row in parked.items() if row.body.get("question") != "note"}
        return Desk(
            trial=self.trial,
            tasks=self.tasks,
            rows=[*self.entries, *self.answers],
            parked=parked,
            corrections=self._waiting(CorrectionRequest, "correctionrequest", "correction_requested"),
            name=self.name,
            at=self.at,
        )

    # --- the record ---

    def _record_line(self, entry: DiaryEntry) -> RecordLine:
        is_replaced = _is_replaced(entry)
        notes = (
            STRUCK
            if entry.is_void
            else NOT_STANDING[bool(getattr(entry, "is_aside", False))]
            if is_replaced
            else "",
            "corrects the one before" if getattr(entry, "is_correction", False) else "",
            f"written down by {self.name(entry.entered_by)}" if entry.entered_by else "",
            TIMELINESS_NOTES.get(entry.timeliness, ""),
            f"line {entry.line} of the file" if entry.line else "",
        )
        told = "; ".join(note for note in notes if note)
        return RecordLine(entry, is_replaced, origin_words(entry), told, self._is_open(entry))

    def _answer_table(self) -> AnswerTable:
        cells: dict[tuple[date, str], list[Cell]] = defaultdict(list)
        for row in self.answers:
            cells[row.diary_day, row.question].append(self._cell(row, is_replaced=_is_replaced(row)))
        given = {question for _, question in cells}
        columns = [code for code in SHORT if code in given]
        days = sorted({day for day, _ in cells})
        rows = ((day, tuple(tuple(cells.get((day, code), ())) for code in columns)) for day in days)
        return AnswerTable(tuple(SHORT[code] for code in columns), tuple(rows))

    def _cell(self, row: DiaryAnswer, *, is_replaced: bool) -> Cell:
        by = "" if row.originator == "patient" else BY_WHOM[row.originator]
        who = f", {self.name(row.entered_by)}" if row.entered_by else ""
        late = ", late" if row.timeliness == "late" else ""
        struck = ", struck out" if row.is_void else ""
        return Cell(
            row, row_words(row), f"{by}{who}{late}{struck}".strip(", "), is_replaced, self._is_open(row)
        )

    def _is_open(self, row: DiaryEntry | DiaryAnswer) -> bool:
        return (row.is_void and row.id not in self.replaced) or not _is_replaced(row)

    # --- consent, phones, zones ---

    def _consent(self) -> dict[str, Any]:
        if not self.may("view", "consentevent"):
            return {"sees_consent": False}
        events = [
            (event, moment_words(event.captured_at, zone=event.zone), self._consent_words(event))
            for event in self.trial.consents.order_by("-captured_at", "-received_at")
        ]
        return {"sees_consent": True, "consents": events}

    def _consent_words(self, event: Any) -> str:
        language = LANGUAGES.get(event.language, event.language)
        return f"text {event.text_version} in {language}, {BY_WHOM.get(event.originator, event.originator)}"

    def _invitations(self) -> dict[str, Any]:
        if not self.may("view", "patientdevice"):
            return {"sees_phones": False}
        return {
            "sees_phones": True,
            "invitations": [
                (row, moment_words(row.created_at, zone=self.trial.clinic.zone), row.expires_at > self.at)
                for row in self.invitations
            ],
            "why_no_invitation": why_no_invitation(self.trial),
        }

    def _moved_by(self, actor: str) -> str:
        return "at enrolment" if actor == "enrolment" else f"set by {self.name(actor)}"


def _is_replaced(row: DiaryEntry | DiaryAnswer) -> bool:
    return bool(getattr(row, "is_replaced", False))


def who_answered(lines: Iterable[Line]) -> list[str]:
    """Who gave the scores of each window: "trial window: 1 of 7 by a caregiver, 1 by staff"."""
    counts: Mapping[str, Counter[str]] = {"baseline": Counter(), "trial": Counter()}
    for line in lines:
        if line.window and line.entry is not None:
            counts[line.window][line.entry.originator] += 1
    return [f"{window} window: {words}" for window, count in counts.items() for words in _shares(count)]


def _shares(count: Counter[str]) -> Iterator[str]:
    total = count.total()
    others = [
        f"{count[code]} {words}" for code, words in BY_WHOM.items() if code != "patient" and count[code]
    ]
    if total and not others:
        yield f"all {total} by the patient" if total > 1 else "1 by the patient"
    elif total:
        first, *rest = others
        number, _, whom = first.partition(" ")
        yield ", ".join([f"{number} of {total} {whom}", *rest])
