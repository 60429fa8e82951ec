"""Which answers count towards a judgement, and rows written once: for one trial and for a thousand alike."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.diary.models import DiaryEntry
from apps.diary.selectors import standing
from apps.trials.models import StimulationTrial

#: Trial, entry, diary day, region, kind, value in units of the trial's scale, originator.
EntryRow = tuple[UUID, UUID, date, str, str, int, str]
ENTRY_COLUMNS = ("trial_id", "id", "diary_day", "region", "kind", "value", "originator")


def among(ids: Iterable[UUID]) -> RawSQL:
    """For ``trial__in``: one array, where a parameter a trial would be taken apart one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", (array_text(ids),))


def array_text(items: Iterable[object]) -> str:
    """An array of ids or codes as PostgreSQL writes it; the driver would look for quotes in each."""
    return f"{{{','.join(map(str, items))}}}"


def standing_entries(trials: Iterable[StimulationTrial]) -> "QuerySet[DiaryEntry, EntryRow]":
    """Entries on their trial's scale that nothing supersedes, trial by trial in the order of the diary.

    The scale is the one of the rows given, not of the moment: both belong to one reading of the trial.
    """
    by_scale: dict[str, list[UUID]] = {}
    for trial in trials:
        by_scale.setdefault(trial.scale, []).append(trial.pk)
    on_scale = (Q(scale=scale, trial__in=ids) for scale, ids in by_scale.items())
    rows = standing(DiaryEntry.objects.filter(reduce(or_, on_scale, Q(pk__in=[]))))
    return rows.order_by("trial_id", "diary_day", "captured_at", "line", "id").values_list(*ENTRY_COLUMNS)


# The limits of a request are no limits for a block, which waits for whoever assesses these trials now.
NO_LIMITS = """
SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true)
"""
# So that a block is joined and grouped in memory; 4 MB, which is what most servers give, is half of a block.
# The planner takes the ids of a block for a few rows, and would sort all entries for a merge join, by several
# processes: half again as much work as to look each entry up among the ids. It takes the text of a trial for
# 8 kB, where it is 1, and would rather sort all entries than group them by hashing.
ROOM_FOR_A_BLOCK = """
SELECT set_config('work_mem', '128MB', true), set_config('enable_mergejoin', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('hash_mem_multiplier', '8', true)
"""

INSERT_NEW = """
INSERT INTO {table} ({columns})
SELECT {columns} FROM json_to_recordset(%s) AS sent({typed})
ON CONFLICT DO NOTHING
"""


def insert_new(rows: Sequence[Model]) -> None:
    """Write the rows of one model that are not there yet, by one statement; those that are stay as they are.

    One JSON text instead of ``bulk_create``: that sends arrays, and every quotation mark in a frozen text
    would be escaped one by one in Python, which took a third of a block's time.
    """
    if not rows:
        return
    options = rows[0]._meta
    columns = {str(field.column): field for field in options.concrete_fields if not field.primary_key}
    quoted = {name: connection.ops.quote_name(name) for name in columns}
    statement = INSERT_NEW.format(
        table=connection.ops.quote_name(options.db_table),
        columns=", ".join(quoted.values()),
        typed=", ".join(f"{quoted[name]} {field.db_type(connection)}" for name, field in columns.items()),
    )
    sent = [{name: field.value_from_object(row) for name, field in columns.items()} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(sent, default=str, ensure_ascii=False)])


# An entry packed into one number, and the numbers of a trial sent as one text: a row an entry would cost more
# on the wire and in Python than all that is computed from it. Which entries stand is what
# apps.diary.selectors.standing says. Who reads compares the scale: to join every entry to its trial takes as
# long as all the rest of the statement.
PACKED_ENTRIES = """
SELECT entry.trial_id, string_agg(
    int8send(
        ((entry.diary_day - DATE '0001-01-01' + 1)::bigint << {day})
        | (coalesce(array_position(%(scales)s::text[], entry.scale::text), 0)::bigint << {scale})
        | ({told}::bigint << {told_at})
        | (array_position(%(kinds)s::text[], entry.kind::text)::bigint << {kind})
        | (entry.value + {half})::bigint
    ), ''::bytea{order}
)
FROM diary_diaryentry entry
WHERE entry.trial_id = ANY(%(trials)s::uuid[]) AND entry.trial_id BETWEEN %(first)s AND %(last)s
  AND NOT entry.is_void AND {among}
GROUP BY entry.trial_id
"""
STANDS = """
    entry.id NOT IN (SELECT id FROM diary_parkedanswer WHERE is_stored)
    AND (entry.trial_id, entry.id) NOT IN (
        SELECT newer.trial_id, newer.supersedes_id FROM diary_diaryentry newer
        WHERE newer.supersedes_id IS NOT NULL
          AND newer.id NOT IN (SELECT id FROM diary_parkedanswer WHERE is_stored)
    )
"""
# Beside each answer about one region, whether it stands and, above that, the number of its window: 0 for the
# whole day, and a number that no window has where it does not fit.
STANDING_AND_WINDOW = f"CASE WHEN {STANDS} THEN 1 ELSE 0 END | (least(coalesce(entry.window_no, 0), 7) << 1)"
REGION_OF = "coalesce(array_position(%(regions)s::text[], entry.region::text), 0)"
IN_ORDER = " ORDER BY entry.diary_day, entry.captured_at, entry.line, entry.id"
#: Bits, from the lowest: value + HALF, kind, what else is told, scale, day. A day needs 22 of them.
KIND_AT, TOLD_AT, SCALE_AT, DAY_AT = 24, 27, 37, 40
HALF = 1 << 23
Packed = list[tuple[UUID, bytes]]


def packed_entries(
    trials: Sequence[StimulationTrial],
    *,
    regions: Sequence[str],
    kinds: Sequence[str],
    scales: Sequence[str],
    in_order: bool,
) -> Packed:
    """The entries that stand as packed numbers, big-endian int8, by trial in no order.

    ``standing_entries`` are those of them on the scale of their trial. Places in ``regions``, ``kinds`` and
    ``scales`` count from 1, and another region or scale is 0.
    """
    sent = {"regions": list(regions), "kinds": list(kinds), "scales": list(scales)}
    return _packed([trial.pk for trial in trials], sent, told=REGION_OF, among=STANDS, in_order=in_order)


def packed_answers(
    ids: Sequence[UUID], *, region: str, kinds: Sequence[str], scales: Sequence[str], in_order: bool
) -> Packed:
    """Every answer about one region that nobody struck out, by trial in no order: ``STANDING_AND_WINDOW``."""
    sent = {"region": region, "kinds": list(kinds), "scales": list(scales)}
    among = "entry.region = %(region)s"
    return _packed(ids, sent, told=STANDING_AND_WINDOW, among=among, in_order=in_order)


def _packed(ids: Sequence[UUID], sent: Mapping[str, Any], *, told: str, among: str, in_order: bool) -> Packed:
    if not ids:
        return []
    statement = PACKED_ENTRIES.format(
        day=DAY_AT,
        scale=SCALE_AT,
        told=told,
        told_at=TOLD_AT,
        kind=KIND_AT,
        half=HALF,
        order=IN_ORDER if in_order else "",
        among=among,
    )
    # Without the ends the planner knows nothing of the block, and reads the whole table for each.
    ends: dict[str, Any] = {"trials": array_text(ids), "first": min(ids), "last": max(ids)}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**sent, **ends})
        return cursor.fetchall()


STAGE_OUTCOMES = """
CREATE TEMPORARY TABLE staged_outcome (
    trial_id uuid, evidence_version bigint, basis text, answers jsonb, percent text,
    low double precision, high double precision, probability double precision, computed_at timestamptz
)
"""
# A slower run must not put an older reading over a newer one.
STORE_OUTCOMES = """
INSERT INTO outcomes_trialoutcome AS held
    (trial_id, evidence_version, basis, answers, percent, low, high, probability, computed_at)
SELECT * FROM staged_outcome ORDER BY trial_id
ON CONFLICT (trial_id) DO UPDATE SET
    evidence_version = excluded.evidence_version, basis = excluded.basis, answers = excluded.answers,
    percent = excluded.percent, low = excluded.low, high = excluded.high, probability = excluded.probability,
    computed_at = excluded.computed_at
WHERE held.evidence_version <= excluded.evidence_version
"""
