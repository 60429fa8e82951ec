"""Which answers count towards a judgement, and rows written once: for one trial and for a thousand alike."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.diary.models import DiaryEntry
from apps.diary.selectors import standing
from apps.trials.judged import Judged

#: Trial, entry, diary day, region, kind, value in units of the trial's scale, originator.
EntryRow = tuple[UUID, UUID, date, str, str, int, str]
ENTRY_COLUMNS = ("trial_id", "id", "diary_day", "region", "kind", "value", "originator")


def among(ids: Iterable[UUID]) -> RawSQL:
    """For ``trial__in``: one array, where a parameter a trial would be taken apart one by one."""
    return RawSQL("SELECT unnest(%s::uuid[])", (array_text(each.hex for each in ids),))


def array_text(items: Iterable[object]) -> str:
    """An array of ids or codes as PostgreSQL writes it; the driver would look for quotes in each."""
    return f"{{{','.join(map(str, items))}}}"


def standing_entries(trials: Iterable[Judged]) -> "QuerySet[DiaryEntry, EntryRow]":
    """Entries on their trial's scale that nothing supersedes, trial by trial in the order of the diary.

    The scale is the one of the rows given, not of the moment: both belong to one reading of the trial.
    """
    by_scale: dict[str, list[UUID]] = {}
    for trial in trials:
        by_scale.setdefault(trial.scale, []).append(trial.id)
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


# ``answers`` is a place in the list that is sent with STORE_OUTCOMES, from 0.
STAGE_OUTCOMES = """
CREATE TEMPORARY TABLE staged_outcome (
    trial_id uuid, evidence_version bigint, basis text, answers integer, percent text,
    low double precision, high double precision, probability double precision
)
"""
# A slower run must not put an older reading over a newer one.
STORE_OUTCOMES = """
INSERT INTO outcomes_trialoutcome AS held
    (trial_id, evidence_version, basis, answers, percent, low, high, probability, computed_at)
SELECT trial_id, evidence_version, basis, told.answers::jsonb, percent, low, high, probability, %(at)s
FROM staged_outcome
JOIN (
    SELECT place, answers::jsonb FROM unnest(%(answers)s::text[]) WITH ORDINALITY AS sent(answers, place)
) AS told ON told.place = staged_outcome.answers + 1
ORDER BY trial_id
ON CONFLICT (trial_id) DO UPDATE SET
    evidence_version = excluded.evidence_version, basis = excluded.basis, answers = excluded.answers,
    percent = excluded.percent, low = excluded.low, high = excluded.high, probability = excluded.probability,
    computed_at = excluded.computed_at
WHERE held.evidence_version <= excluded.evidence_version
"""
