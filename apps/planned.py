"""Statements that PostgreSQL plans once a connection: the few that every answer of a phone runs.

Django writes the values into the text of a statement, and PostgreSQL plans each text anew; for an answer that
takes longer than to store it.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor

# The stubs know neither its base nor its arguments.
_Cursor: Any = ServerBindingCursor
#: Cursors by statement, for each of Django's connections and psycopg's below it: one that is kept has worked
#: out already how to read its rows.
_kept: WeakKeyDictionary[Any, tuple[Any, dict[str, "PlannedCursor"]]] = WeakKeyDictionary()


class PlannedCursor(_Cursor):
    """Leaves the values apart from the text; PostgreSQL finds the plan of that text again."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        # Django forbids it for the whole connection, by None; all others stay as Django wants them.
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params, binary=True, **options)
        finally:
            self.connection.prepare_threshold = None


def fetch_planned(statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows, by Django's own connection: in its transaction, and counted like any other statement."""
    # Not by the proxy `django.db.connection`, which looks the connection up at each use.
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor = _cursor_of(connection, statement)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    wrap(cursor).execute(statement, values)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _cursor_of(connection: Any, statement: str) -> Any:
    of, cursors = _kept.get(connection, (None, {}))
    if of is not connection.connection:
        of, cursors = _kept[connection] = connection.connection, {}
    if statement not in cursors:
        cursors[statement] = PlannedCursor(of)
    return cursors[statement]
