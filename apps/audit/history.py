"""The values that rows had before, as lines for a page: the old one beside the new one."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Model, Q

from apps.audit.models import ValueChange
from apps.audit.values import SEALED

#: As many as a page can hold; the newest come first.
MOST: Final = 500
Rows = tuple[type[Model], Collection[object]]
IS_SEALED: Final = re.compile(f"{SEALED}[0-9a-f]{{64}}")
SHOWN: Final = len(SEALED) + 8
WORDS: Final = {"INSERT": "added", "UPDATE": "changed", "DELETE": "deleted"}


@dataclass(frozen=True, slots=True)
class Act:
    """When, and by whom as the trail names them."""

    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Line(Act):
    """One column of one row. What was added shows what it says; a change shows what it said before, too."""

    row: str
    did: str
    field: str
    old: str
    new: str


def lines_of(rows: Iterable[Rows]) -> list[Line]:
    """Newest first."""
    models = {model._meta.db_table: (model, ids) for model, ids in rows if ids}
    asked = Q(pk__in=[])
    for table, (_, ids) in models.items():
        asked |= Q(table=table, row_id__in=[str(one) for one in ids])
    found = ValueChange.objects.filter(asked).order_by("-id")[:MOST]
    return [line for change in found for line in _lines(change, models[change.table][0])]


def _lines(change: ValueChange, model: type[Model]) -> Iterator[Line]:
    old, new = change.old or {}, change.new or {}
    row = f"{model._meta.verbose_name} {change.row_id[:8]}"
    for column in sorted(old | new):
        if old.get(column) != new.get(column):
            yield Line(
                change.at,
                change.actor,
                row,
                WORDS[change.operation],
                _label(model, column),
                _words(old.get(column)),
                _words(new.get(column)),
            )


def _label(model: type[Model], column: str) -> str:
    """A column that is gone from the model keeps its own name."""
    named = {field.column: str(field.verbose_name) for field in model._meta.concrete_fields}
    return named.get(column, column)


def _words(value: Any) -> str:
    if value in (None, ""):
        return "–"
    text = str(value)
    # Of a digest as much as tells two values apart.
    return text[:SHOWN] if IS_SEALED.fullmatch(text) else text
