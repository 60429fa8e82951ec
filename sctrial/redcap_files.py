"""A snapshot as REDCap imports it: one flat file, or one value a line (EAV), and the dictionary for both."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from sctrial.csv_files import harmless
from sctrial.dictionary import Table
from sctrial.redcap import HEADER, PLAIN, RECORD, dictionary_rows, field_name

REPEATS: Final = ("redcap_repeat_instrument", "redcap_repeat_instance")
EAV: Final = ("record", *REPEATS, "field_name", "value")

Line = tuple[str, str, str, dict[str, str]]


def to_flat(tables: Mapping[str, pa.Table]) -> bytes:
    """Every row of every table a line, under one header; the cells of the other tables are empty."""
    fields = [
        field_name(name, column)
        for name, table in tables.items()
        for column in table.column_names
        if column != RECORD
    ]
    lines = (
        [record, table, number, *(values.get(field, "") for field in fields)]
        for record, table, number, values in _lines(tables)
    )
    return _csv([RECORD, *REPEATS, *fields], lines)


def to_eav(tables: Mapping[str, pa.Table]) -> bytes:
    """Every value a line: record, instrument, repeat, field, value. Missing values have none."""
    lines = (
        [record, table, number, field, value]
        for record, table, number, values in _lines(tables)
        for field, value in values.items()
        if value
    )
    return _csv(EAV, lines)


def to_dictionary(tables: Mapping[str, pa.Table], *, dictionary: Mapping[str, Table]) -> bytes:
    """The data dictionary of exactly the columns in ``tables``, as REDCap imports it."""
    told = [
        replace(dictionary[name], columns=tuple(map(dictionary[name].column, table.column_names)))
        for name, table in tables.items()
    ]
    return _csv(HEADER, dictionary_rows(told))


def _lines(tables: Mapping[str, pa.Table]) -> Iterator[Line]:
    for name, table in tables.items():
        numbers: dict[str, int] = {}
        for row in table.to_pylist():
            record = row[RECORD]
            numbers[record] = numbers.get(record, 0) + 1
            values = {field_name(name, column): _text(row[column]) for column in row if column != RECORD}
            yield (record, "", "", values) if name == PLAIN else (record, name, str(numbers[record]), values)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return harmless(value) if isinstance(value, str) else str(value)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()
