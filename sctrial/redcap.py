"""How a table stands in REDCap: field names, and the dictionary with its 18 columns.

A patient is a record, the study id its name. ``subjects`` is a plain instrument; every other table is a
repeating one, its rows numbered from 1 within the patient. Source: the header of REDCap's own data dictionary
file, as REDCapR and redcapAPI read it.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sctrial.dictionary import Column, Identifying, Kind, Table

RECORD: Final = "study_id"
#: The table whose rows are records, not repeats.
PLAIN: Final = "subjects"
HEADER: Final = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_VALIDATIONS: Final[Mapping[Kind, str]] = MappingProxyType(
    {Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.DATE: "date_ymd"}
)
_KINDS_OF_FIELD: Final[Mapping[Kind, str]] = MappingProxyType({Kind.FLAG: "yesno"})


def field_name(table: str, column: str) -> str:
    """The name of a field, unique in the project; the record's own id is the same in every table."""
    return RECORD if column == RECORD else f"{table}_{column}"


def dictionary_rows(tables: Iterable[Table]) -> Iterator[tuple[str, ...]]:
    """One row a field in the order of HEADER, the record's id first and once."""
    known: set[str] = set()
    for table in sorted(tables, key=lambda table: table.name != PLAIN):
        for column in table.columns:
            name = field_name(table.name, column.name)
            if name not in known:
                known.add(name)
                yield _row(table, column, name)


def _row(table: Table, column: Column, name: str) -> tuple[str, ...]:
    cells = dict.fromkeys(HEADER, "") | {
        "Variable / Field Name": name,
        "Form Name": table.name,
        "Field Type": _field_type(column),
        "Field Label": column.label,
        "Choices, Calculations, OR Slider Labels": _choices(column),
        "Field Note": column.unit,
        "Text Validation Type OR Show Slider Number": _VALIDATIONS.get(column.type, ""),
        "Identifier?": "y" if column.identifying in (Identifying.YES, Identifying.DATE) else "",
        "Field Annotation": f"{column.definition}; missing: {column.missing}",
    }
    return tuple(cells.values())


def _field_type(column: Column) -> str:
    """A list of codes may hold several joined by +, or hidden ones: REDCap's radio would refuse those."""
    is_choice = column.codes and column.identifying is not Identifying.RARE
    return "radio" if is_choice else _KINDS_OF_FIELD.get(column.type, "text")


def _choices(column: Column) -> str:
    if _field_type(column) != "radio":
        return ""
    # A bar parts two choices and a comma code and meaning; REDCap has no way to escape the bar.
    return " | ".join(f"{code}, {words.replace('|', '/')}" for code, words in column.values.items())
