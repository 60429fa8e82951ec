"""Take answers: checked, fixed to a diary day, and written once, with the trail, in one statement."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.diary import policies
from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.schemas import CANONICAL_UUID4, EntryBody
from apps.problems import FieldError, Problem, invalid

security = logging.getLogger("security")

# One statement is one transaction: the rows, their audit events and the trial's new version stand or
# fall together. An id that exists already inserts nothing and bumps nothing.
INSERT_ENTRIES = """
WITH incoming AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(region)s::text[], %(kind)s::text[], %(value)s::int[], %(diary_day)s::date[],
        %(captured_at)s::timestamptz[], %(zone)s::text[], %(utc_offset_minutes)s::smallint[],
        %(originator)s::text[], %(instrument_version)s::text[], %(app_version)s::text[],
        %(body_sha256)s::text[]
    ) AS sent(id, region, kind, value, diary_day, captured_at, zone, utc_offset_minutes,
              originator, instrument_version, app_version, body_sha256)
), inserted AS (
    INSERT INTO diary_diaryentry (
        id, trial_id, region, kind, scale, value, diary_day, captured_at, zone, utc_offset_minutes,
        received_at, originator, device_id, instrument_version, app_version, body_sha256)
    SELECT id, %(trial)s, region, kind, %(scale)s, value, diary_day, captured_at, zone,
           utc_offset_minutes, %(received_at)s, originator, %(device)s, instrument_version,
           app_version, body_sha256
    FROM incoming
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), audited AS (
    INSERT INTO audit_auditevent (
        at, actor, clinic_id, action, object_type, object_id, reason, request_id, detail)
    SELECT %(received_at)s, %(actor)s, %(clinic)s, 'create', 'diary_entry', id, '', %(request_id)s, '{}'
    FROM inserted
), bumped AS (
    UPDATE trials_stimulationtrial SET evidence_version = evidence_version + 1
    WHERE id = %(trial)s AND EXISTS (SELECT 1 FROM inserted)
)
SELECT id FROM inserted
"""
COLUMNS = (
    "id",
    "region",
    "kind",
    "value",
    "diary_day",
    "captured_at",
    "zone",
    "utc_offset_minutes",
    "originator",
    "instrument_version",
    "app_version",
    "body_sha256",
)


@dataclass(frozen=True)
class Taken:
    """An answer the record holds, and whether this call brought it."""

    entry: DiaryEntry
    created: bool


Outcome = Taken | Problem


def record_entries(
    sent: Sequence[tuple[str, EntryBody]], *, by: PatientDevice, at: datetime, request_id: str
) -> list[Outcome]:
    """One outcome an answer, in the order sent. Refused answers leave no trace in the record.

    An answer that is stored already is answered as stored, whatever has happened to the trial since:
    the phone that never saw our answer must be able to stop sending.
    """
    drafts = [_draft(entry_id, body, by=by, at=at) for entry_id, body in sent]
    new: dict[UUID, DiaryEntry] = {}
    for draft in drafts:
        if draft.entry is not None:
            new.setdefault(draft.entry.id, draft.entry)
    inserted = _insert(list(new.values()), by=by, at=at, request_id=request_id)
    earlier = {draft.id for draft in drafts if draft.id is not None} - inserted
    stored = {**new, **DiaryEntry.objects.in_bulk(earlier)} if earlier else new
    return [_outcome(draft, stored=stored, by=by) for draft in drafts]


@dataclass(frozen=True)
class Draft:
    """An answer as sent: ready to be stored, or refused, unless it is stored already."""

    id: UUID | None
    body_sha256: str
    entry: DiaryEntry | None = None
    problem: Problem | None = None


def _draft(entry_id: str, body: EntryBody, *, by: PatientDevice, at: datetime) -> Draft:
    sha256 = body.sha256()
    if not CANONICAL_UUID4.fullmatch(entry_id):
        problem = invalid(FieldError("/id", "not_uuid4", "Send a lower-case UUIDv4 made by the phone."))
        return Draft(None, sha256, problem=problem)
    try:
        entry = _accept(UUID(entry_id), body, sha256=sha256, by=by, at=at)
    except Problem as problem:
        return Draft(UUID(entry_id), sha256, problem=problem)
    return Draft(entry.id, sha256, entry=entry)


def _accept(entry_id: UUID, body: EntryBody, *, sha256: str, by: PatientDevice, at: datetime) -> DiaryEntry:
    policies.check_can_receive(by.trial)
    policies.check_value(body.value, trial=by.trial)
    capture = policies.read_capture(body, trial=by.trial, now=at)
    return DiaryEntry(
        id=entry_id,
        trial=by.trial,
        region=body.region,
        kind=body.kind,
        scale=by.trial.scale,
        value=body.value,
        diary_day=capture.diary_day,
        captured_at=capture.instant,
        zone=body.zone,
        utc_offset_minutes=capture.utc_offset_minutes,
        received_at=at,
        originator=body.originator,
        device=by,
        instrument_version=body.instrument_version,
        app_version=body.app_version or "",
        body_sha256=sha256,
    )


def _insert(
    entries: Sequence[DiaryEntry], *, by: PatientDevice, at: datetime, request_id: str
) -> frozenset[UUID]:
    if not entries:
        return frozenset()
    columns = {name: [getattr(entry, name) for entry in entries] for name in COLUMNS}
    values: dict[str, Any] = columns | {
        "trial": by.trial_id,
        "scale": by.trial.scale,
        "received_at": at,
        "device": by.pk,
        "actor": f"device:{by.pk}",
        "clinic": by.trial.clinic_id,
        "request_id": request_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_ENTRIES, values)
        return frozenset(row[0] for row in cursor.fetchall())


def _outcome(draft: Draft, *, stored: dict[UUID, DiaryEntry], by: PatientDevice) -> Outcome:
    kept = stored.get(draft.id) if draft.id else None
    if kept is not None and kept.trial_id == by.trial_id and kept.body_sha256 == draft.body_sha256:
        return Taken(kept, created=kept is draft.entry)
    if draft.problem is not None:
        return draft.problem
    if kept is None or kept.trial_id != by.trial_id:
        # The same answer as for an id that does not exist: another trial's ids are not confirmed.
        security.warning("entry id of another trial sent by device %s", by.pk)
        return Problem(404, "not_found", "No such entry in this trial.")
    return Problem(
        409, "entry_conflict", "This id already carries another answer. Use a new id for a new answer."
    )
