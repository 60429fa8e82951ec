"""The corrections of a trial, as its page tells them: the old value beside the new one, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.text import capfirst

from apps.diary.answer_words import codes_in
from apps.trials.models import Correction, label

NOTHING: Final = "–"
WORDS: Final[Mapping[Any, str]] = {None: NOTHING, "": NOTHING, True: "yes", False: "no"}

#: Several codes in one text.
OF_CODES: Final = frozenset({"target_regions", "other_regions", "left_out"})


@dataclass(frozen=True, slots=True)
class Line:
    """One field of one row."""

    at: datetime
    who: str
    what: str
    old: str
    new: str
    code: str
    reason: str


def lines_of(corrections: Iterable[Correction], *, names: Mapping[str, str]) -> Iterator[Line]:
    """``names`` says who "staff:7" is."""
    for row in corrections:
        model = apps.get_model(row.model)
        for name in sorted(row.old):
            field = _field(model, name)
            yield Line(
                at=row.corrected_at,
                who=names.get(row.corrected_by, row.corrected_by),
                what=_what(model, field, row=row.row) if field else name,
                old=words_of(field, row.old[name]),
                new=words_of(field, row.new[name]),
                code=row.get_code_display(),
                reason=row.reason,
            )


def _field(model: type[Model], name: str) -> Any:
    """None where the correction of a diary says itself what it is about."""
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _what(model: type[Model], field: Any, *, row: str) -> str:
    of = "" if model._meta.model_name == "stimulationtrial" else f"{model._meta.verbose_name} {row}, "
    return capfirst(f"{of}{field.verbose_name}")


def words_of(field: "Field[Any, Any] | None", value: Any) -> str:
    """A choice in its words, as the form offers it."""
    if value in ("", None) or isinstance(value, bool):
        return WORDS[value]
    if field is None:
        return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{label(key)}: {WORDS.get(said, said)}" for key, said in value.items()) or NOTHING
    if isinstance(value, list):
        return ", ".join(map(label, value)) or NOTHING
    if field.name in OF_CODES:
        return "; ".join(map(label, codes_in(value)))
    known = dict(field.flatchoices)
    return str(known.get(value, label(value) if field.choices else value))
