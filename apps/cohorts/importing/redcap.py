"""The data dictionary of a REDCap project, and what it says of the columns of its export.

The 18 columns are those of REDCap's own download. Only what an import must know is read.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from apps.cohorts.importing.mapping import CohortMapping, read_number
from apps.diary.importing.reading import FileRefused, check_is_text_table, read_records, unheard

NAME, FORM, TYPE, CHOICES = 0, 1, 3, 5
VALIDATION, LOWEST, HIGHEST, IDENTIFIER = 7, 8, 9, 10
COLUMNS: Final = 18
FIRST_TITLE: Final = "Variable / Field Name"
CODED: Final = frozenset({"radio", "dropdown", "yesno", "truefalse", "checkbox"})
#: Made by REDCap itself, in every longitudinal export.
TECHNICAL: Final = re.compile(r"redcap_[a-z_]+")
CHECKBOX: Final = re.compile(r"(.+)___-?[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """``codes`` is empty where any value may stand; ``low`` and ``high`` where no limit was set."""

    name: str
    form: str
    type: str
    codes: frozenset[str]
    low: Decimal | None
    high: Decimal | None
    is_identifier: bool


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Fields by name; the first one names the record."""

    name: str
    fields: Mapping[str, Field]

    @property
    def record_id(self) -> str:
        return next(iter(self.fields))

    def explains(self, title: str) -> bool:
        """Whether a column of the export is a field, one box of a checkbox, or made by REDCap."""
        box = CHECKBOX.fullmatch(title)
        forms = {f"{field.form}_complete" for field in self.fields.values()}
        return bool(
            title in self.fields
            or (box and box[1] in self.fields)
            or title in forms
            or TECHNICAL.fullmatch(title)
        )


def read_dictionary(path: Path) -> Dictionary:
    """Raises FileRefused that names line and remedy."""
    check_is_text_table(path)
    records = read_records(path, delimiter=",", progress=unheard)
    try:
        titles = next(records).cells
        if len(titles) != COLUMNS or titles[NAME].strip() != FIRST_TITLE:
            raise FileRefused(
                f"{path.name}: line 1: not the dictionary of a REDCap project: it has {COLUMNS} columns and "
                f"begins with {FIRST_TITLE!r}; download it under Data Dictionary"
            )
        fields = [
            _field(record.cells, line=record.line, name=path.name) for record in records if record.cells
        ]
    except csv.Error as error:
        raise FileRefused(f"{path.name}: {error}") from error
    if not fields:
        raise FileRefused(f"{path.name}: no field stands in it")
    return Dictionary(path.name, {field.name: field for field in fields})


def _field(cells: Sequence[str], *, line: int, name: str) -> Field:
    if len(cells) != COLUMNS:
        raise FileRefused(f"{name}: line {line}: {len(cells)} cells instead of {COLUMNS}: download it again")
    is_number = cells[VALIDATION] in {"integer", "number"}
    return Field(
        name=cells[NAME],
        form=cells[FORM],
        type=cells[TYPE],
        codes=_codes(cells[CHOICES]) if cells[TYPE] in CODED else frozenset(),
        low=_limit(cells[LOWEST]) if is_number else None,
        high=_limit(cells[HIGHEST]) if is_number else None,
        is_identifier=cells[IDENTIFIER].strip().lower() == "y",
    )


def _codes(choices: str) -> frozenset[str]:
    """ "0, No | 1, Yes" has the codes 0 and 1."""
    return frozenset(part.partition(",")[0].strip() for part in choices.split("|") if part.strip())


def _limit(text: str) -> Decimal | None:
    return read_number(text) if text.strip() else None


def check_against(dictionary: Dictionary, mapping: CohortMapping, *, titles: Sequence[str]) -> None:
    """The export is that of the dictionary, and no identifier is read. Raises FileRefused."""
    columns = mapping.columns
    strange = [title for title in titles if not dictionary.explains(title)]
    if strange:
        raise FileRefused(f"column {strange[0]!r} is not in {dictionary.name}: export both from one project")
    if columns.subject != dictionary.record_id:
        raise FileRefused(f"columns.subject must be the record's id, which is {dictionary.record_id!r}")
    for title in columns.used:
        if title in dictionary.fields and dictionary.fields[title].is_identifier:
            raise FileRefused(
                f"column {title!r} is marked as an identifier in {dictionary.name}: add it to columns.ignore"
            )


def fault_of(field: Field | None, text: str, value: Decimal) -> str:
    """What the dictionary has against a value; empty when nothing."""
    if field is None:
        return ""
    if field.codes and text not in field.codes:
        return f"{text!r} is none of the codes of {field.name!r}: {', '.join(sorted(field.codes))}"
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        return f"{text!r} is outside the limits of {field.name!r}: {field.low} to {field.high}"
    return ""
