"""Two versions of one table row by row: what came, what went, what changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

import pyarrow as pa

Row = Mapping[str, Any]
#: Said of a table whose bytes differ although every value reads the same.
WRITTEN_OTHERWISE: Final = "written otherwise, every value alike"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row before and after; None on the side where it is not."""

    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row as it is, or as it was when it is gone."""
        return self.after or self.before or {}

    @property
    def what(self) -> str:
        """``"added"``, ``"gone"`` or ``"changed"``."""
        if self.before is None:
            return "added"
        return "gone" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One table that is not the same in both; ``rows`` before and after, ``columns`` in words."""

    name: str
    rows: tuple[int, int]
    changes: tuple[RowChange, ...]
    columns: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What is different, in a line."""
        counts = {what: sum(change.what == what for change in self.changes) for what in WHAT}
        told = [f"{n} {what}" for what, n in counts.items() if n]
        return ", ".join([*told, *self.columns]) or WRITTEN_OTHERWISE


WHAT: Final = ("added", "gone", "changed")


def compare_tables(
    name: str, before: pa.Table | None, *, after: pa.Table | None, key: tuple[str, ...]
) -> TableDifference:
    """From one version of a table to the next; None is a snapshot without it.

    ``key`` are the columns that name a row. Rows that share a key, as hidden values may make them, are told
    apart by their order. Raises KeyError for a key that the table has not.
    """
    old, new = _by_key(before, key), _by_key(after, key)
    changes = [change for place in {**old, **new} for change in _paired(old.get(place), new.get(place))]
    rows = tuple(0 if table is None else table.num_rows for table in (before, after))
    return TableDifference(name, (rows[0], rows[1]), tuple(changes), tuple(_columns(before, after)))


def _by_key(table: pa.Table | None, key: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in [] if table is None else table.to_pylist():
        found.setdefault(tuple(row[column] for column in key), []).append(row)
    return found


def _paired(old: list[Row] | None, new: list[Row] | None) -> Iterator[RowChange]:
    for before, after in zip_longest(old or (), new or ()):
        if before is None or after is None or _differ(before, after):
            yield RowChange(before, after)


def _differ(before: Row, after: Row) -> bool:
    """In a column that both have: one that is added or gone is said once, not of every row."""
    return any(before[column] != after[column] for column in before if column in after)


def _columns(before: pa.Table | None, after: pa.Table | None) -> Iterator[str]:
    if before is None or after is None:
        yield "whole table added" if before is None else "whole table gone"
        return
    old, new = ({field.name: str(field.type) for field in table.schema} for table in (before, after))
    yield from (f"column {name} added" for name in new if name not in old)
    yield from (f"column {name} gone" for name in old if name not in new)
    both = (name for name in new if name in old and new[name] != old[name])
    yield from (f"column {name} is {new[name]} instead of {old[name]}" for name in both)
