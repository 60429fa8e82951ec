"""The one SQL statement by which answers are stored, and the two tables that it serves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg.types.json import Jsonb

from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice
from apps.planned import fetch_planned

Row = TypeVar("Row", DiaryEntry, DiaryAnswer)

# One statement is one transaction: the rows, their audit events and the trial's new version stand or
# fall together. What a unique constraint holds off (an id, a slot, a second replacement) inserts nothing
# and bumps nothing.
STATEMENT = """
WITH incoming AS (
    {incoming}
), inserted AS (
    INSERT INTO {table} (trial_id, received_at, device_id, entered_by, {columns}{more_columns})
    SELECT %(trial)s::uuid, %(received_at)s::timestamptz, %(device)s::bigint, %(entered_by)s::text,
           {columns}{more_values}
    FROM incoming
    ON CONFLICT DO NOTHING
    RETURNING {returned}
), audited AS (
    INSERT INTO audit_auditevent (
        at, actor, clinic_id, action, object_type, object_id, reason, request_id, detail)
    SELECT %(received_at)s::timestamptz, %(actor)s::text, %(clinic)s::bigint, 'create', '{object_type}', id,
           %(reason)s::text, %(request_id)s::text, '{{}}'
    FROM inserted
), bumped AS (
    UPDATE trials_stimulationtrial SET evidence_version = evidence_version + 1
    WHERE id = %(trial)s::uuid AND EXISTS (SELECT 1 FROM inserted WHERE {is_evidence})
)
SELECT id, EXISTS (
    SELECT FROM {table} AS change
    WHERE change.trial_id = %(trial)s::uuid AND change.supersedes_id = inserted.id
) OR inserted.supersedes_id IS NULL AND EXISTS (
    SELECT FROM {table} AS change
    WHERE change.trial_id = %(trial)s::uuid AND change.diary_day = inserted.diary_day
      AND change.window_no = inserted.window_no AND {same_question} AND change.supersedes_id IS NOT NULL
) FROM inserted
"""
FROM_ARRAYS = "SELECT * FROM unnest({arrays}) AS sent({columns})"
CAPTURED = {
    "id": "uuid",
    "diary_day": "date",
    "window_no": "smallint",
    "timeliness": "text",
    "begun_at": "timestamptz",
    "captured_at": "timestamptz",
    "zone": "text",
    "utc_offset_minutes": "smallint",
    "clock_error_seconds": "int",
    "originator": "text",
    "language": "text",
    "instrument_version": "text",
    "app_version": "text",
    "body_sha256": "text",
    "supersedes_id": "uuid",
}
#: Answers that rule sets ask for; the others are shown and judged by nobody.
EVIDENCE = ("stated_relief", "global_change", "trial_satisfaction")


@dataclass(frozen=True)
class Author:
    """On whose behalf rows are written: a phone, or a member of staff with a reason."""

    actor: str
    device: PatientDevice | None
    entered_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Store(Generic[Row]):
    """A table of answers: its name in the trail, its own columns, and which rows are evidence."""

    model: type[Row]
    object_type: str
    own: dict[str, str]
    question: tuple[str, ...]
    is_evidence: str = "true"
    has_scale: bool = False

    @cached_property
    def columns(self) -> dict[str, str]:
        return CAPTURED | self.own

    @cached_property
    def read(self) -> Callable[[Row], tuple[Any, ...]]:
        """The values of a row in the order of the columns."""
        return attrgetter(*self.columns)

    def incoming(self, *, many: bool) -> str:
        """Arrays to rows; a single answer goes without, which is less work for both sides."""
        if not many:
            return "SELECT " + ", ".join(
                f"%({name})s::{kind} AS {name}" for name, kind in self.columns.items()
            )
        arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in self.columns.items())
        return FROM_ARRAYS.format(arrays=arrays, columns=", ".join(self.columns))

    def statement(self, *, many: bool) -> str:
        return STATEMENT.format(
            incoming=self.incoming(many=many),
            columns=", ".join(self.columns),
            table=self.model._meta.db_table,
            more_columns=", scale" if self.has_scale else "",
            more_values=", %(scale)s::text" if self.has_scale else "",
            returned=", ".join(("id", "diary_day", "window_no", "supersedes_id", *self.question)),
            same_question=" AND ".join(f"change.{name} = inserted.{name}" for name in self.question),
            object_type=self.object_type,
            is_evidence=self.is_evidence,
        )


ENTRIES = Store(
    DiaryEntry,
    "diary_entry",
    {"region": "text", "kind": "text", "value": "int"},
    question=("region", "kind"),
    has_scale=True,
)
ANSWERS = Store(
    DiaryAnswer,
    "diary_answer",
    {"question": "text", "answer": "jsonb"},
    question=("question",),
    is_evidence=f"question IN ({', '.join(repr(code) for code in EVIDENCE)})",
)
_STATEMENTS = {
    (store.object_type, many): store.statement(many=many)
    for store in (ENTRIES, ANSWERS)
    for many in (False, True)
}


def insert(
    store: Store[Row], rows: Sequence[Row], *, by: Author, at: datetime, request_id: str
) -> dict[UUID, bool]:
    """Ids of the rows that are new, all of one trial, and whether a change was there before it.

    A change of this very answer, or of any other in the place of which it is the first.
    """
    if not rows:
        return {}
    trial = rows[0].trial
    many = len(rows) > 1
    values = _columns_of(store, rows) if many else _columns_of_one(store, rows[0])
    values |= {
        "trial": trial.pk,
        "scale": trial.scale,
        "received_at": at,
        "device": by.device.pk if by.device else None,
        "entered_by": by.entered_by,
        "actor": by.actor,
        "clinic": trial.clinic_id,
        "reason": by.reason,
        "request_id": request_id,
    }
    return dict(fetch_planned(_STATEMENTS[store.object_type, many], values))


def _columns_of(store: Store[Row], rows: Sequence[Row]) -> dict[str, Any]:
    each = [_columns_of_one(store, row) for row in rows]
    return {name: [values[name] for values in each] for name in store.columns}


def _columns_of_one(store: Store[Row], row: Row) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(store.columns, store.read(row), strict=True))
    if "answer" in values:
        values["answer"] = Jsonb(values["answer"])
    return values
