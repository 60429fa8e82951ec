"""Take answers: checked, fixed to their place in the diary, and written once, with the trail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic
from uuid import UUID

from django.db import transaction

from apps.diary import policies, statements
from apps.diary.aside import put_aside, refused_among
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.parking import names_red_flags, park, raise_red_flags
from apps.diary.replacing import bases_of, check_can_replace, is_elsewhere, place_of, value_of
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
    #: Kept only so that its own changes find that it was refused: the phone knows what was wrong.
    is_settled: bool = False

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
    bases = bases_of(store, (draft.row for draft in drafts if draft.row is not None))
    drafts = _check_replacements(store, drafts, bases=bases, by=by)
    new: dict[UUID, Row] = {}
    for draft in drafts:
        if draft.row is not None and draft.is_ready:
            new.setdefault(draft.row.id, draft.row)
    inserted = _insert(store, new, by=by, at=at, request_id=request_id)
    brought = {pk: row for pk, row in new.items() if pk in inserted}
    earlier = {draft.id for draft in drafts if draft.id is not None} - inserted.keys()
    stored = brought | store.model._default_manager.in_bulk(earlier) if earlier else brought
    outcomes = [_outcome(store, draft, stored=stored, by=by, at=at) for draft in drafts]
    refused = [draft.row for draft, one in zip(drafts, outcomes, strict=True) if isinstance(one, Problem)]
    if _may_be_adrift(brought.values(), named=inserted, bases=bases) or _are_named(store, refused):
        put_aside(store, trial_id=by.trial_id, at=at)
    return outcomes


def _may_be_adrift(brought: Iterable[Row], *, named: Mapping[UUID, bool], bases: Mapping[UUID, Row]) -> bool:
    """Whether a change came before what it changes, or after a change that may be put aside meanwhile."""
    bases_of_changes = (bases.get(row.supersedes_id) for row in brought if row.supersedes_id is not None)
    return any(named.values()) or any(base is None or base.supersedes_id for base in bases_of_changes)


def _are_named(store: Store[Row], refused: Iterable[Row | None]) -> bool:
    """Whether changes of what was refused are stored already."""
    ids = {row.id: row.trial_id for row in refused if row is not None}
    if not ids:
        return False
    rows = store.model._default_manager.filter(trial__in=set(ids.values()))
    return rows.filter(supersedes__in=list(ids)).exists()


def _check_replacements(
    store: Store[Row], drafts: Sequence[Draft[Row]], *, bases: Mapping[UUID, Row], by: PatientDevice
) -> list[Draft[Row]]:
    named = {draft.row.supersedes_id for draft in drafts if draft.row is not None} - {None}
    unsure = {pk for pk in named if pk and (pk not in bases or getattr(bases[pk], "is_aside", False))}
    refused = refused_among(unsure, trial_id=by.trial_id, stored=bases) if unsure else {}
    return [_checked(store, draft, bases=bases, refused=refused) for draft in drafts]


def _checked(
    store: Store[Row], draft: Draft[Row], *, bases: Mapping[UUID, Row], refused: Mapping[UUID, str]
) -> Draft[Row]:
    if draft.row is None or draft.row.supersedes_id is None:
        return draft
    try:
        check_can_replace(store, draft.row, bases=bases)
    except Problem as problem:
        base = bases.get(draft.row.supersedes_id)
        why = "base_elsewhere" if _is_misplaced(draft.row, base) else ""
        return replace(draft, problem=problem, parked_because=why, is_settled=True)
    if (known := refused.get(draft.row.supersedes_id)) is None:
        return draft
    return replace(draft, problem=TAKEN.get(known, BASE_TAKEN), parked_because=known)


def _is_misplaced(row: Row, base: Row | None) -> bool:
    return base is not None and base.trial_id == row.trial_id and is_elsewhere(base, row)


def _insert(
    store: Store[Row], new: Mapping[UUID, Row], *, by: PatientDevice, at: datetime, request_id: str
) -> dict[UUID, bool]:
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
        why, settled = draft.parked_because, draft.is_settled
        return _refused(draft, draft.problem, why=why, is_settled=settled, by=by, at=at)
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
    rivals = list(store.model._default_manager.filter(trial_id=row.trial_id, diary_day=row.diary_day))
    here = [other for other in rivals if place_of(other) == place_of(row)]
    of_the_same = [other for other in here if other.supersedes_id == row.supersedes_id]
    why = "already_superseded" if row.supersedes_id and of_the_same else "slot_taken"
    agrees = any(value_of(other) == value_of(row) for other in of_the_same)
    return _refused(draft, TAKEN[why], why=why, is_settled=agrees, by=by, at=at)


TAKEN = {
    "slot_taken": Problem(
        409, "slot_taken", "Another answer was given for this evening first. The clinic sees both."
    ),
    "already_superseded": Problem(
        409, "already_superseded", "That answer was changed by another one first. The clinic sees both."
    ),
}
BASE_TAKEN = invalid(
    FieldError(
        "/supersedes", "other_question", "That answer changes one to another question; send a new one."
    )
)


def _refused(
    draft: Draft[Row],
    problem: Problem,
    *,
    why: str,
    by: PatientDevice,
    at: datetime,
    is_settled: bool = False,
) -> Problem:
    if why and draft.row is not None:
        park(draft.row, body=draft.body.model_dump(), why=why, by=by, at=at, is_settled=is_settled)
    return problem
