"""What staff do to a diary: close tasks, and write down what a patient said by phone.

Nothing here overwrites. An act that the record does not take raises Refused, and nothing was written.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.audit.services import record
from apps.diary import policies, statements
from apps.diary.aside import put_aside
from apps.diary.models import DiaryAnswer, DiaryEntry, StaffTask
from apps.diary.parking import raise_red_flags
from apps.diary.policies import Capture
from apps.diary.replacing import place_of, question_of
from apps.diary.schemas import AnswerBody, CapturedBody, EntryBody, parse
from apps.diary.selectors import not_aside
from apps.diary.statements import ANSWERS, ENTRIES, EVIDENCE, Author, Row, Store
from apps.patients.erased import Erased, hold_known
from apps.problems import Problem
from apps.trials.models import StimulationTrial
from apps.trials.signals import evidence_changed
from sctrial.phases import Phase
from sctrial.questions import QUESTIONS, NotAnAnswer, read_text

AnyRow = DiaryEntry | DiaryAnswer
LEAST_READABLE: Final = 3
CHANGED: Final = "The record has changed since this page was made; nothing was written. Look again."
#: What a phone is told otherwise.
FOR_STAFF: Final[Mapping[str, str]] = {
    "trial_closed": "This trial takes no answers in its present phase.",
    "consent_withdrawn": "By then the patient had stopped the diary, so the answer is not taken.",
}
#: Said of the trial as a whole, so staff may ask until the decision is signed.
OF_WHOLE_TRIAL: Final = frozenset({*EVIDENCE, "go_ahead"})
#: They close with the decision that they ask for.
DECIDED: Final = frozenset({"answer_parked", "correction_requested"})
INVITED_IN: Final = frozenset(
    {
        Phase.REFERRED,
        Phase.ELIGIBILITY,
        Phase.AUTHORISED,
        Phase.BASELINE_DIARY,
        Phase.LEAD_PLACED,
        Phase.TRIAL_ACTIVE,
    }
)


class Refused(ValueError):
    """The message is fit for the user; ``field`` names what is wrong: captured_at, value, answer, reason."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Act:
    """Who acts, when, in which request."""

    by: str
    at: datetime
    request_id: str = ""


@dataclass(frozen=True)
class Told:
    """What a patient said by phone. ``id`` is made with the form, so that a form sent twice writes once."""

    id: UUID
    #: ``target.average``, or the code of another question.
    question: str
    #: Units of the trial's scale, or an answer in its question's form.
    said: int | Mapping[str, Any]
    said_at: datetime
    zone: str
    about: Literal["today", "yesterday"] = "today"


def why_no_invitation(trial: StimulationTrial) -> str:
    """Why no phone can be invited now; empty when one can."""
    if trial.consent_withdrawn_at is not None:
        return "The patient has stopped the diary. No phone is invited until the patient agrees again."
    if trial.ended_on is not None or Phase(trial.phase) not in INVITED_IN:
        return "The trial is over, so no further phone is invited."
    return ""


def read_reason(text: str, *, field: str = "reason") -> str:
    """``text`` if somebody can read something in it."""
    try:
        reason = read_text(text.strip())
    except NotAnAnswer as error:
        words = f"{error}."
        raise Refused(words[0].upper() + words[1:], field=field) from None
    if len("".join(reason.split())) < LEAST_READABLE:
        raise Refused(f"Write at least {LEAST_READABLE} characters that can be read.", field=field)
    return reason


# --- tasks ---


@transaction.atomic
def close_task(task: StaffTask, *, outcome: str, act: Act) -> None:
    if task.kind in DECIDED:
        raise Refused("This task closes with the decision on the answer that it is about.")
    outcome = read_reason(outcome, field="outcome")
    if not _close(StaffTask.objects.filter(pk=task.pk), outcome=outcome, act=act):
        raise Refused("Somebody else has closed this task meanwhile.")


def _close(tasks: "QuerySet[StaffTask]", *, outcome: str, act: Act) -> int:
    still_open = tasks.filter(closed_at__isnull=True).select_related("trial")
    closed = list(still_open.select_for_update(of=("self",)))
    for task in closed:
        task.closed_at, task.closed_by, task.outcome = act.at, act.by, outcome
        task.save(update_fields=["closed_at", "closed_by", "outcome"])
        trail(task.trial, "close", "staff_task", task.pk, act=act, reason=outcome, detail={"kind": task.kind})
    return len(closed)


def close_about(kind: str, subject: UUID, *, outcome: str, act: Act) -> None:
    _close(StaffTask.objects.filter(kind=kind, subject=str(subject)), outcome=outcome, act=act)


# --- an answer from a phone call ---


@transaction.atomic
def transcribe(trial: StimulationTrial, told: Told, *, reason: str, act: Act) -> AnyRow:
    """The new answer, under the rules for phones. An evening keeps its answer, unless struck out."""
    reason = read_reason(reason)
    try:
        hold_known(trial.patient_id, so="nothing more is written down")
    except Erased as refused:
        raise Refused(str(refused)) from None
    trial = locked(trial)
    with in_words():
        row = _row_told(trial, told, act=act)
    kept = type(row)._default_manager.filter(pk=row.pk, trial=trial).first()
    if kept is not None:
        return kept
    if _is_taken(row, trial=trial):
        day = f"{row.diary_day:%A} {row.diary_day.day} {row.diary_day:%B}"
        raise Refused(
            f"{day} has an answer to this question already; it stays as it is.", field="captured_at"
        )
    struck = (other for other in _tips(row) if other.is_void and place_of(other) == place_of(row))
    row.supersedes_id = next((other.id for other in struck), None)
    store(row, reason=reason, act=act)
    return row


def _is_taken(row: AnyRow, *, trial: StimulationTrial) -> bool:
    """Whether the evening has an answer; without windows that is the whole day."""
    if isinstance(row, DiaryAnswer) and QUESTIONS[row.question].several:
        return False
    has_windows = bool(policies.schedule_of(trial).windows)
    rivals = (other for other in _tips(row) if not other.is_void)
    return any(not has_windows or other.window_no == row.window_no for other in rivals)


def _tips(row: AnyRow) -> list[AnyRow]:
    """Answers to the same question and of the same day that nothing replaces."""
    rows = [other for other in rows_of_day(row) if question_of(other) == question_of(row)]
    replaced = {other.supersedes_id for other in rows}
    return [other for other in rows if other.id not in replaced]


def _row_told(trial: StimulationTrial, told: Told, *, act: Act) -> AnyRow:
    captured = {"captured_at": told.said_at.isoformat(), "zone": told.zone, "about": told.about}
    policies.check_can_receive(trial)
    region, is_pain, kind = told.question.partition(".")
    if not is_pain:
        version = QUESTIONS[told.question].version
        sent = {"question": told.question, "answer": told.said, "instrument_version": version}
        body, is_last = parse(AnswerBody, sent | captured), told.question in OF_WHOLE_TRIAL
        return new_row(body, trial=trial, pk=told.id, act=act, of_whole_trial=is_last)
    sent = {"region": region, "kind": kind, "value": told.said, "instrument_version": policies.WORDINGS[kind]}
    return new_row(parse(EntryBody, sent | captured), trial=trial, pk=told.id, act=act)


def new_row(
    body: EntryBody | AnswerBody,
    *,
    trial: StimulationTrial,
    pk: UUID,
    act: Act,
    sent_at: datetime | None = None,
    of_whole_trial: bool = False,
) -> AnyRow:
    """A row as staff write it from what ``body`` says; the rules are those for phones."""
    capture = _capture(body, trial=trial, now=sent_at or act.at, of_whole_trial=of_whole_trial)
    policies.check_consent(trial, captured_at=capture.instant)
    fields = _captured(body, capture, act=act) | {"id": pk, "trial": trial}
    if isinstance(body, AnswerBody):
        return DiaryAnswer(**fields, question=body.question, answer=policies.read_answer(body))
    policies.check_value(body.value, trial=trial)
    return DiaryEntry(**fields, region=body.region, kind=body.kind, value=body.value, scale=trial.scale)


def _capture(
    body: EntryBody | AnswerBody, *, trial: StimulationTrial, now: datetime, of_whole_trial: bool
) -> Capture:
    any_time = isinstance(body, AnswerBody) and QUESTIONS[body.question].several
    return policies.read_capture(body, trial=trial, now=now, any_time=any_time, of_whole_trial=of_whole_trial)


def _captured(body: CapturedBody, capture: Capture, *, act: Act) -> dict[str, Any]:
    return {
        "diary_day": capture.diary_day,
        "window_no": capture.window_no,
        "timeliness": capture.place.timeliness.value,
        "begun_at": capture.begun_at,
        "captured_at": capture.instant,
        "zone": body.zone,
        "utc_offset_minutes": capture.utc_offset_minutes,
        "clock_error_seconds": body.clock_error_seconds,
        "received_at": act.at,
        "originator": "staff",
        "language": body.language or "",
        "instrument_version": body.instrument_version,
        "app_version": body.app_version or "",
        "body_sha256": body.sha256(),
    }


# --- what every act is made of ---


def locked(trial: StimulationTrial) -> StimulationTrial:
    """Acts on one trial come one after the other."""
    rows = StimulationTrial.objects.select_for_update(of=("self",)).select_related("patient", "clinic")
    return rows.get(pk=trial.pk)


def rows_of_day(row: AnyRow) -> list[AnyRow]:
    """The answers in ``row``'s table, of its trial and day, replaced ones too; none that was put aside."""
    rows = type(row)._default_manager.filter(trial_id=row.trial_id, diary_day=row.diary_day)
    return list(not_aside(rows).order_by("captured_at", "id"))


def store(row: AnyRow, *, reason: str, act: Act) -> None:
    """Write ``row`` with its trail; the trial is judged anew, and a warning sign becomes a task."""
    author = Author(act.by, None, entered_by=act.by, reason=reason)
    if isinstance(row, DiaryEntry):
        _insert(ENTRIES, row, author=author, act=act)
    else:
        _insert(ANSWERS, row, author=author, act=act)
    raise_red_flags([row], at=act.at)
    if isinstance(row, DiaryEntry) or row.question in EVIDENCE:
        trial_id = row.trial_id
        transaction.on_commit(lambda: evidence_changed.send(sender=type(row), trial_id=trial_id))


def _insert(table: Store[Row], row: Row, *, author: Author, act: Act) -> None:
    new = statements.insert(table, [row], by=author, at=act.at, request_id=act.request_id)
    if row.id not in new:
        raise Refused(CHANGED)
    if new[row.id]:
        put_aside(table, trial_id=row.trial_id, at=act.at)


@contextmanager
def in_words() -> Iterator[None]:
    """A refusal meant for a phone, as staff read it."""
    try:
        yield
    except Problem as problem:
        error = problem.errors[0] if problem.errors else None
        words = FOR_STAFF.get(problem.code) or (error.detail if error else str(problem))
        raise Refused(words, field=error.pointer.strip("/") if error else "") from None


def trail(
    trial: StimulationTrial,
    action: str,
    object_type: str,
    object_id: object,
    *,
    act: Act,
    detail: dict[str, Any],
    reason: str = "",
) -> None:
    record(
        action=action,
        object_type=object_type,
        object_id=object_id,
        by=act.by,
        at=act.at,
        clinic_id=trial.clinic_id,
        reason=reason,
        request_id=act.request_id,
        detail=detail,
    )
