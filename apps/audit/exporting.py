"""The trail of a clinic for outsiders: every row with its place, its hash and the hash before it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from itertools import chain
from typing import Any, Final

from django.db import connection, transaction

from apps.audit.chain import CHANGE, texts_of
from sctrial import trail
from sctrial.trail import FIRST

AT_ONCE: Final = 5_000
READ: Final = f"""
    WITH links AS (
        SELECT event_id, chain, place, hash,
            coalesce(lag(hash) OVER in_order, %(first)s) AS before, lag(event_id) OVER in_order AS behind
        FROM audit_auditlink WHERE chain IN (%(clinic)s, -1 - %(clinic)s)
        WINDOW in_order AS (PARTITION BY chain ORDER BY place)
    ), timed(id, at) AS (
        SELECT id, at FROM audit_auditevent WHERE clinic_id = %(clinic)s
        UNION ALL SELECT id, at FROM audit_valuechange WHERE clinic_id = %(clinic)s
    ), written(kind, id, at, about, texts) AS (
        SELECT 'event', id, at, object_id, ARRAY[{texts_of("")}]
            FROM audit_auditevent WHERE clinic_id = %(clinic)s
        UNION ALL
        SELECT 'change', id, at, row_id, ARRAY[{texts_of("", columns=CHANGE)}]
            FROM audit_valuechange WHERE clinic_id = %(clinic)s
    )
    SELECT kind, chain, place, before, hash, texts,
        to_char(timed.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
    FROM links JOIN written ON written.id = links.event_id LEFT JOIN timed ON timed.id = links.behind
    WHERE (%(since)s::timestamptz IS NULL OR written.at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR written.at < %(until)s)
        AND (%(about)s = '' OR about = %(about)s)
    ORDER BY chain DESC, place
"""  # noqa: S608 - columns of tables in the source


@dataclass(frozen=True, slots=True)
class Part:
    """What of a clinic's trail is asked for: all of it where nothing is said. ``about`` is a row's id."""

    clinic: int
    since: datetime | None = None
    until: datetime | None = None
    about: str = ""

    def said(self) -> dict[str, str]:
        """For the event that tells of the export."""
        return {name: str(getattr(self, name) or "") for name in ("since", "until", "about")}


def text_of(part: Part, *, is_csv: bool) -> Iterator[str]:
    """The file, row by row: CSV with a head, or a JSON object a line."""
    if not is_csv:
        yield from map(trail.json_line, rows_of(part))
        return
    line = StringIO()
    table = csv.writer(line)
    for cells in chain([list(trail.ALL)], map(trail.csv_cells, rows_of(part))):
        table.writerow(cells)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def rows_of(part: Part) -> Iterator[trail.Row]:
    """In the order of the chain, read piece by piece."""
    asked: dict[str, Any] = {
        "first": FIRST,
        "clinic": part.clinic,
        "since": part.since,
        "until": part.until,
        "about": part.about,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(READ, asked)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(_row, rows)


def _row(found: tuple[Any, ...]) -> trail.Row:
    kind, of, place, before, own, texts, at_before = found
    place_in_chain = (kind, str(of), str(place), bytes(before).hex(), bytes(own).hex())
    columns = dict(zip(trail.COLUMNS[kind], texts, strict=True))
    return {
        **dict(zip(trail.CHAIN, place_in_chain, strict=True)),
        **columns,
        trail.CLOCK: trail.step_text(columns["at"], after=at_before),
    }
