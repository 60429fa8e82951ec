"""Take answers: checked, fixed to their place in the diary, and written once, with the trail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic
from uuid import UUID

from django.db import transaction

from apps.diary import policies, statements
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.parking import names_red_flags, park, raise_red_flags
from apps.diary.replacing import bases_of, check_can_replace, question_of, value_of
from apps.diary.schemas import CANONICAL_UUID4, AnswerBody, CapturedBody, EntryBody
from apps.diary.statements import ANSWERS, ENTRIES, Author, Row, Store
from apps.problems import FieldError, Problem, invalid
from sctrial.questions import QUESTIONS

NOT_UUID4 = FieldError("/id", "not_uuid4", "Send a lower-case UUIDv4 made by the phone.")


@dataclass(frozen=True)
class Taken(Generic[Row]):
    """An answer the record holds, and whether this call brought it."""

    entry: Row
    created: bool


Outcome = Taken[DiaryEntry] | Problem
AnswerOutcome = Taken[DiaryAnswer] | Problem


@dataclass(frozen=True)
class Draft(Generic[Row]):
    """An answer as sent: ``row`` is ready to be stored, unless there is a problem or it is stored already."""

    id: UUID | None
    body: CapturedBody
    body_sha256: str = ""
    row: Row | None = None
    problem: Problem | None = None
    #: Why staff will see the answer although it was refused.
    parked_because: str = ""

    @property
    def is_ready(self) -> bool:
        return self.row is not None and self.problem is None


Build = Callable[..., Row]


def record_entries(
    sent: Sequence[tuple[str, EntryBody]], *, by: PatientDevice, at: datetime, request_id: str
) -> list[Outcome]:
    """One outcome a pain score, in the order sent. Refused ones leave no trace among the entries.

    An answer that is stored already is answered as stored, whatever has happened to the trial since:
    the phone that never saw our answer must be able to stop sending.
    """
    drafts = [_draft(entry_id, body, by=by, at=at, build=_entry) for entry_id, body in sent]
    return _record(ENTRIES, drafts, by=by, at=at, request_id=request_id)


def record_answers(
    sent: Sequence[tuple[str, AnswerBody]], *, by: PatientDevice, at: datetime, request_id: str
) -> list[AnswerOutcome]:
    """The same for every other question. A warning sign becomes a task for staff in the same transaction."""
    drafts = [_draft(entry_id, body, by=by, at=at, build=_answer) for entry_id, body in sent]
    return _record(ANSWERS, drafts, by=by, at=at, request_id=request_id)


def _draft(
    entry_id: str, body: CapturedBody, *, by: PatientDevice, at: datetime, build: Build[Row]
) -> Draft[Row]:
    if not CANONICAL_UUID4.fullmatch(entry_id):
        return Draft(None, body, problem=invalid(NOT_UUID4))
    draft: Draft[Row] = Draft(UUID(entry_id), body)
    try:
        own = _own_fields(body, by=by)
        draft = replace(draft, body_sha256=body.sha256())
        row = build(draft, own, by=by, at=at)
    except Problem as problem:
        return replace(draft, problem=problem)
    if policies.is_known_wording(body):  # type: ignore[arg-type]
        return replace(draft, row=row)
    return replace(draft, row=row, problem=UNKNOWN_VERSION, parked_because="unknown_version")


UNKNOWN_VERSION = Problem(
    409, "unknown_version", "This wording of the question is not known here. The clinic sees the answer."
)


def _own_fields(body: CapturedBody, *, by: PatientDevice) -> dict[str, Any]:
    """What is particular to the question; read first, because a digest needs an answer that is one."""
    if isinstance(body, AnswerBody):
        return {"question": body.question, "answer": policies.read_answer(body)}
    assert isinstance(body, EntryBody)
    return {"region": body.region, "kind": body.kind, "value": body.value}


def _entry(draft: Draft[DiaryEntry], own: dict[str, Any], *, by: PatientDevice, at: datetime) -> DiaryEntry:
    policies.check_can_receive(by.trial)
    policies.check_value(own["value"], trial=by.trial)
    return DiaryEntry(**own, scale=by.trial.scale, **_captured(draft, by=by, at=at, any_time=False))


def _answer(
    draft: Draft[DiaryAnswer], own: dict[str, Any], *, by: PatientDevice, at: datetime
) -> DiaryAnswer:
    policies.check_can_receive(by.trial)
    any_time = QUESTIONS[own["question"]].several
    return DiaryAnswer(**own, **_captured(draft, by=by, at=at, any_time=any_time))


def _captured(draft: Draft[Any], *, by: PatientDevice, at: datetime, any_time: bool) -> dict[str, Any]:
    body, trial = draft.body, by.trial
    capture = policies.read_capture(body, trial=trial, now=at, any_time=any_time)
    policies.check_consent(trial, captured_at=capture.instant)
    return {
        "id": draft.id,
        "trial": trial,
        "diary_day": capture.diary_day,
        "window_no": capture.window_no,
        "timeliness": capture.place.timeliness.value,
        "begun_at": capture.begun_at,
        "captured_at": capture.instant,
        "zone": body.zone,
        "utc_offset_minutes": capture.utc_offset_minutes,
        "clock_error_seconds": body.clock_error_seconds,
        "received_at": at,
        "originator": policies.originator_of(body, holder=by.holder),
        "device": by,
        "language": body.language or "",
        "instrument_version": body.instrument_version,
        "app_version": body.app_version or "",
        "body_sha256": draft.body_sha256,
        "supersedes_id": UUID(body.supersedes) if body.supersedes else None,
    }


def _record(
    store: Store[Row], drafts: Sequence[Draft[Row]], *, by: PatientDevice, at: datetime, request_id: str
) -> list[Taken[Row] | Problem]:
    drafts = _check_replacements(store, drafts)
    new: dict[UUID, Row] = {}
    for draft in drafts:
        if draft.row is not None and draft.is_ready:
            new.setdefault(draft.row.id, draft.row)
    inserted = _insert(store, new, by=by, at=at, request_id=request_id)
    brought = {pk: row for pk, row in new.items() if pk in inserted}
    earlier = {draft.id for draft in drafts if draft.id is not None} - inserted
    stored = brought | store.model._default_manager.in_bulk(earlier) if earlier else brought
    return [_outcome(store, draft, stored=stored, by=by, at=at) for draft in drafts]


def _check_replacements(store: Store[Row], drafts: Sequence[Draft[Row]]) -> list[Draft[Row]]:
    bases = bases_of(store, (draft.row for draft in drafts if draft.row is not None))
    return [_checked(store, draft, bases=bases) for draft in drafts]


def _checked(store: Store[Row], draft: Draft[Row], *, bases: Mapping[UUID, Row]) -> Draft[Row]:
    if draft.row is None or draft.row.supersedes_id is None:
        return draft
    try:
        check_can_replace(store, draft.row, bases=bases)
    except Problem as problem:
        return replace(draft, problem=problem)
    return draft


def _insert(
    store: Store[Row], new: Mapping[UUID, Row], *, by: PatientDevice, at: datetime, request_id: str
) -> frozenset[UUID]:
    author = Author(f"device:{by.pk}", by)
    rows = list(new.values())
    # A plain answer needs no transaction around its one statement.
    flagged = any(map(names_red_flags, rows))
    with transaction.atomic() if flagged else nullcontext():
        inserted = statements.insert(store, rows, by=author, at=at, request_id=request_id)
        raise_red_flags([row for row in rows if row.id in inserted], at=at)
    return inserted


def _outcome(
    store: Store[Row], draft: Draft[Row], *, stored: Mapping[UUID, Row], by: PatientDevice, at: datetime
) -> Taken[Row] | Problem:
    kept = stored.get(draft.id) if draft.id else None
    if kept is not None and kept.trial_id == by.trial_id and kept.body_sha256 == draft.body_sha256:
        return Taken(kept, created=kept is draft.row)
    if draft.problem is not None:
        return _refused(draft, draft.problem, why=draft.parked_because, by=by, at=at)
    if kept is not None and kept.trial_id == by.trial_id:
        return Problem(
            409, "entry_conflict", "This id already carries another answer. Use a new id for a new answer."
        )
    if kept is not None:
        # The same answer as for an id that does not exist: another trial's ids are not confirmed.
        return Problem(404, "not_found", "No such entry in this trial.", remark="an id of another trial")
    return _rivalled(store, draft, by=by, at=at)


def _rivalled(store: Store[Row], draft: Draft[Row], *, by: PatientDevice, at: datetime) -> Problem:
    """Its place is taken by an answer under another id: the first stays, staff see both."""
    row = draft.row
    assert row is not None
    rivals = store.model._default_manager.filter(trial_id=row.trial_id, diary_day=row.diary_day)
    replaced = row.supersedes_id and rivals.filter(supersedes_id=row.supersedes_id).first()
    rival = replaced or _root_of(rivals.filter(window_no=row.window_no, supersedes__isnull=True), row)
    why = "already_superseded" if replaced else "slot_taken"
    says_the_same = rival is not None and value_of(rival) == value_of(row)
    return _refused(draft, TAKEN[why], why="" if says_the_same else why, by=by, at=at)


TAKEN = {
    "slot_taken": Problem(
        409, "slot_taken", "Another answer was given for this evening first. The clinic sees both."
    ),
    "already_superseded": Problem(
        409, "already_superseded", "That answer was changed by another one first. The clinic sees both."
    ),
}


def _root_of(rows: Iterable[Row], row: Row) -> Row | None:
    return next((other for other in rows if question_of(other) == question_of(row)), None)


def _refused(draft: Draft[Row], problem: Problem, *, why: str, by: PatientDevice, at: datetime) -> Problem:
    if why and draft.row is not None:
        park(draft.row, body=draft.body.model_dump(), why=why, by=by, at=at)
    return problem
