"""Statements that PostgreSQL plans once a connection: the few that every answer of a phone runs.

Django writes the values into the text of a statement, and PostgreSQL plans each text anew; for an answer that
takes longer than to store it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor

# The stubs know neither its base nor its arguments.
_Cursor: Any = ServerBindingCursor


class PlannedCursor(_Cursor):
    """Leaves the values apart from the text; PostgreSQL finds the plan of that text again."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        # Django forbids it for the whole connection, by None; all others stay as Django wants them.
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params, **options)
        finally:
            self.connection.prepare_threshold = None


def fetch_planned(statement: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows, by Django's own connection: in its transaction, and counted like any other statement."""
    # Not by the proxy `django.db.connection`, which looks the connection up at each use.
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: Any = PlannedCursor(connection.connection)
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with wrap(cursor) as wrapped:
        wrapped.execute(statement, values)
        return wrapped.fetchall()
