"""A snapshot as one SQLite file, for whoever asks in SQL: DuckDB opens it too."""

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from sctrial.dictionary import Kind, Table

_TYPES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.TEXT: "TEXT",
        Kind.INTEGER: "INTEGER",
        Kind.NUMBER: "REAL",
        # SQLite has no dates; ISO text sorts and compares as one.
        Kind.DATE: "TEXT",
        Kind.FLAG: "INTEGER",
    }
)
_OF_COLUMN: Final = ("name", "label", "type", "unit", "definition", "missing")


def to_sqlite(
    tables: Mapping[str, pa.Table], *, dictionary: Mapping[str, Table], provenance: Mapping[str, str]
) -> bytes:
    """The file: every table, and beside them ``dictionary`` and ``provenance``."""
    with sqlite3.connect(":memory:") as base:
        for name, content in tables.items():
            types = {column: _TYPES[dictionary[name].column(column).type] for column in content.column_names}
            _fill(base, name, types, [tuple(map(_plain, row.values())) for row in content.to_pylist()])
        about = [
            (name, *(str(getattr(column, fact)) for fact in _OF_COLUMN))
            for name, content in tables.items()
            for column in map(dictionary[name].column, content.column_names)
        ]
        _fill(base, "dictionary", dict.fromkeys(("table_name", *_OF_COLUMN), "TEXT"), about)
        _fill(base, "provenance", {"what": "TEXT", "value": "TEXT"}, list(provenance.items()))
        base.commit()
        return base.serialize()


def _fill(base: sqlite3.Connection, name: str, types: Mapping[str, str], rows: list[tuple[Any, ...]]) -> None:
    # Names come from the dictionary, never from a request.
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    base.execute(f'CREATE TABLE "{name}" ({columns})')
    base.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(types))})', rows)  # noqa: S608


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
