"""Which answers count towards a judgement, and rows written once: for one trial and for a thousand alike."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from apps.diary.models import DiaryEntry
from apps.diary.selectors import standing
from apps.trials.models import StimulationTrial

#: Trial, entry, diary day, region, kind, value in units of the trial's scale, originator.
EntryRow = tuple[UUID, UUID, date, str, str, int, str]
ENTRY_COLUMNS = ("trial_id", "id", "diary_day", "region", "kind", "value", "originator")


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
