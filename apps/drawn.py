"""What a form was drawn from: who saves an old page is told what changed, and overwrites nothing."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model
from django.utils.text import capfirst

from apps.audit.models import ValueChange
from apps.audit.values import SEALED

#: The field of the page that says what it was drawn from.
NAME: Final = "drawn_from"
STALE: Final = (
    "Somebody else has changed this meanwhile. Nothing was saved; what you typed still stands below."
)
NOTHING: Final = "–"
NOT_SHOWN: Final = "not shown"
#: Enough to tell two versions of one row apart.
MARK: Final = 16
#: Of the microseconds of a moment; more would be no year. Whole, because a page has no other fraction in it.
MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOST_DIGITS: Final = 17


@dataclass(frozen=True, slots=True)
class Shown:
    """A row, and the fields of it that stand in a form."""

    row: Model
    names: Collection[str]

    @property
    def key(self) -> str:
        return f"{self.row._meta.label_lower}:{self.row.pk}"

    @property
    def fields(self) -> list["Field[Any, Any]"]:
        return [field for field in self.row._meta.concrete_fields if field.name in self.names]

    @property
    def mark(self) -> str:
        said = [(field.name, getattr(self.row, field.attname)) for field in self.fields]
        return sha256(json.dumps(said, cls=DjangoJSONEncoder).encode()).hexdigest()[:MARK]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, as it was when the form was drawn and as it stands now."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """``stamp`` is what the form is drawn from when it is shown again."""

    stamp: str
    lines: Sequence[Difference]
    by: str


def stamp_of(rows: Iterable[Shown], *, at: datetime) -> str:
    return " ".join([str((at - EPOCH) // MICROSECOND), *(f"{shown.key}={shown.mark}" for shown in rows)])


def changed_since(stamp: str, *, rows: Sequence[Shown], at: datetime) -> Meanwhile | None:
    """None where each row that ``stamp`` names still says the same; one that came later overwrites nothing.

    A page that says nothing of what it was drawn from was drawn from nothing.
    """
    since, marks = _read(stamp)
    own = rows[0]
    changed = [one for one in rows if marks.get(one.key, one.mark) != one.mark]
    if own.key in marks and not changed:
        return None
    told = [] if since is None else list(_changes(changed, since=since))
    lines = [line for line, _ in told]
    return Meanwhile(stamp_of(rows, at=at), lines, _names(actor for _, actor in told))


def _read(stamp: str) -> tuple[datetime | None, dict[str, str]]:
    first, *marks = stamp.split(" ")
    if not (first.isascii() and first.isdecimal() and len(first) <= MOST_DIGITS):
        return None, {}
    since = EPOCH + int(first) * MICROSECOND
    return since, dict(mark.split("=", 1) for mark in marks if "=" in mark)


def _changes(rows: Iterable[Shown], *, since: datetime) -> Iterator[tuple[Difference, str]]:
    for shown in rows:
        kept = ValueChange.objects.filter(
            table=shown.row._meta.db_table, row_id=str(shown.row.pk), operation="UPDATE", at__gte=since
        )
        was: dict[str, tuple[Any, str]] = {}
        for change in kept.order_by("id"):
            for column, value in (change.old or {}).items():
                was[column] = (was.get(column, (value,))[0], change.actor)
        for field in shown.fields:
            if field.column in was:
                value, actor = was[field.column]
                yield _difference(shown.row, field, value), actor


def _difference(row: Model, field: "Field[Any, Any]", old: Any) -> Difference:
    what = capfirst(f"{row._meta.verbose_name}, {field.verbose_name}")
    return Difference(what, _words(field, old), _words(field, getattr(row, field.attname)))


def _words(field: "Field[Any, Any]", value: Any) -> str:
    if value in (None, ""):
        return NOTHING
    if isinstance(value, str) and value.startswith(SEALED):
        return NOT_SHOWN
    return str(dict(field.flatchoices).get(value, value))


def _names(actors: Iterable[str]) -> str:
    """Who "staff:7" is."""
    told = dict.fromkeys(actors)
    ids = {int(one[6:]) for one in told if one.startswith("staff:") and one[6:].isdigit()}
    people = get_user_model().objects.filter(pk__in=ids) if ids else ()
    names = {f"staff:{user.pk}": user.get_full_name() or user.get_username() for user in people}
    return ", ".join(names.get(one, one) for one in told)


class DrawnForm:
    """Before a form of the staff site: it holds what it was drawn from against what stands now."""

    #: From the sent stamp to what changed; asked once, while the row is locked.
    look: Callable[[str], Meanwhile | None]
    meanwhile: Meanwhile | None = None

    def clean(self) -> Any:
        data = super().clean()  # type: ignore[misc]
        form: Any = self
        self.meanwhile = type(self).look(form.data.get(NAME, ""))
        if self.meanwhile is not None:
            form.add_error(None, STALE)
        return data


def drawn(form: type[Any], *, look: Callable[[str], Meanwhile | None]) -> type[Any]:
    return type(form.__name__, (DrawnForm, form), {"look": staticmethod(look)})
