"""The tables of a snapshot as read-only SQL views ``analytics.*``, for BI tools (docs/adr/0016).

Run as the owner of the tables, as ``migrate`` is: the service itself may make nothing here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection, transaction
from psycopg import sql

from apps.audit.services import record_in
from apps.cohorts.models import Snapshot
from apps.cohorts.services import Asker
from sctrial.arrow_tables import read_batches, schema_in
from sctrial.deidentify_tables import Form
from sctrial.dictionary import CODES, Column, Kind, read_dictionary

#: Where the rows are kept, which nobody is let into, and where they are shown.
KEPT, SHOWN = "analytics_kept", "analytics"
#: Who may read. People and tools are made members of it, and it can do nothing else.
READERS: Final = "sctrial_analytics"
TYPES: Final[Mapping[Kind, sql.SQL]] = {
    Kind.TEXT: sql.SQL("text"),
    Kind.INTEGER: sql.SQL("bigint"),
    Kind.NUMBER: sql.SQL("double precision"),
    Kind.DATE: sql.SQL("date"),
    Kind.FLAG: sql.SQL("boolean"),
}
#: The two views beside the tables of the snapshot, and what their columns are.
TITLES: Final = {
    "snapshot": "The snapshot that all other views show: one row.",
    "codes": "What each code means, by the list that the data dictionary names for a column.",
}
PROVENANCE: Final = {
    "id": "Id of the snapshot: cite it, since whoever has it can make the same files again",
    "question": "Question: the query string that was asked, empty for every trial",
    "form": "Form: study_days or shifted",
    "engine": "Engine: version of what judged",
}
OF_CODES: Final = {
    "list": "List of codes: its name in the data dictionary",
    "code": "Code: as it stands in the column, where several may be joined by +",
    "meaning": "Meaning: in words, for labels and legends",
}
MAKE_READERS: Final = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{READERS}') THEN
        CREATE ROLE {READERS} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
END $$
"""  # noqa: S608  (names of ours, no values)


class CannotShow(ValueError):
    """The message says why and what to do."""


@transaction.atomic
def show_snapshot(snapshot: Snapshot, *, asker: Asker) -> dict[str, int]:
    """Put the snapshot's tables in the place of those shown before; rows by table.

    Whoever reads meanwhile sees the old ones whole, then the new ones whole. Raises CannotShow.
    """
    if snapshot.form == Form.IDENTIFIED.value:
        raise CannotShow("This snapshot is identified. Show one with study days or shifted dates.")
    _make_schemas()
    shown = {row.name: _show_table(row.name, bytes(row.content)) for row in snapshot.tables.all()}
    _show_rows("snapshot", PROVENANCE, [_provenance(snapshot)])
    _show_rows("codes", OF_CODES, _codes())
    _run("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", SHOWN, READERS)
    record_in(
        snapshot.clinics.order_by("pk").values_list("pk", flat=True),
        action="show",
        object_type="snapshot",
        object_id=snapshot.pk,
        by=asker.by,
        at=asker.at,
        detail={"form": snapshot.form, "schema": SHOWN},
    )
    return shown


@transaction.atomic
def grant_reading(role: str) -> None:
    """Let a role that there is read the views, and nothing else. Raises CannotShow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
    if found is None:
        raise CannotShow(f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'.")
    if found[0]:
        raise CannotShow(f"{role} is a superuser, who reads everything. Make a role for the tool alone.")
    _make_schemas()
    _run("GRANT {} TO {}", READERS, role)
    _run("ALTER ROLE {} SET default_transaction_read_only = on", role)


def _make_schemas() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MAKE_READERS)
    for schema in (KEPT, SHOWN):
        _run("CREATE SCHEMA IF NOT EXISTS {}", schema)
    _run("GRANT USAGE ON SCHEMA {} TO {}", SHOWN, READERS)


def _show_table(name: str, content: bytes) -> int:
    # Those of the file: a snapshot of an earlier version has not every column of today.
    table = read_dictionary()[name]
    columns = [table.column(column) for column in schema_in(content).names]
    _replace(name, {column.name: TYPES[column.type] for column in columns})
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(KEPT, name))
        with cursor.copy(statement) as copy:
            rows = 0
            for row in _rows(content, [column.name for column in columns]):
                copy.write_row(row)
                rows += 1
    _explain(name, _words(columns), title=f"{table.title}. A row is named by {', '.join(table.key)}.")
    return rows


def _rows(content: bytes, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    for batch in read_batches(content):
        yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def _replace(name: str, columns: Mapping[str, sql.SQL]) -> None:
    written = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(one), columns[one]) for one in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(KEPT, name)))
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(KEPT, name), written))
        shown, kept = sql.Identifier(SHOWN, name), sql.Identifier(KEPT, name)
        cursor.execute(sql.SQL("CREATE VIEW {} AS SELECT * FROM {}").format(shown, kept))


def _explain(name: str, columns: Mapping[str, str], *, title: str) -> None:
    """The dictionary's words beside each view and column, where BI tools show them."""
    with connection.cursor() as cursor:
        view = sql.Identifier(SHOWN, name)
        cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(title)))
        for column, words in columns.items():
            place = sql.Identifier(SHOWN, name, column)
            cursor.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(words)))


def _words(columns: Iterable[Column]) -> dict[str, str]:
    return {column.name: f"{column.label}: {column.definition}" for column in columns}


def _provenance(snapshot: Snapshot) -> tuple[str, ...]:
    return snapshot.pk, snapshot.question, snapshot.form, str(snapshot.manifest["engine"])


def _codes() -> Iterator[tuple[str, ...]]:
    for name, codes in CODES.items():
        yield from ((name, code, words) for code, words in codes.items())


def _show_rows(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[str]]) -> None:
    """A small view of texts beside the tables of the snapshot."""
    _replace(name, dict.fromkeys(columns, TYPES[Kind.TEXT]))
    values = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, row))) for row in rows
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("INSERT INTO {} VALUES {}").format(sql.Identifier(KEPT, name), values))
    _explain(name, columns, title=TITLES[name])


def _run(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        # The statements are those of this module; names are quoted.
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
