"""A snapshot as one Excel workbook: a sheet for each table, the dictionary, and where it all comes from."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sctrial.csv_files import harmless
from sctrial.dictionary import Column, Table

#: A sheet has 1,048,576 rows, the header among them. Source: Excel specifications and limits, Microsoft.
MOST_ROWS: Final = 1_048_575
_WIDEST: Final = 40
_ABOUT: Final = ("table", "column", "label", "type", "unit", "codes", "definition", "missing", "source")


class TooLong(ValueError):
    """A table with more rows than a sheet has; the message says what to take instead."""


def to_xlsx(
    tables: Mapping[str, pa.Table],
    *,
    dictionary: Mapping[str, Table],
    provenance: Mapping[str, str],
    created: datetime,
    most_rows: int = MOST_ROWS,
) -> bytes:
    """The workbook; with the same ``created`` the same tables are the same bytes. Raises TooLong."""
    for name, table in tables.items():
        if table.num_rows > most_rows:
            raise TooLong(f"{name} has {table.num_rows} rows, a sheet {most_rows}; take CSV or Parquet")
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"created": created.replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        for name, table in tables.items():
            rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
            _write(book.add_worksheet(name), table.column_names, rows, bold)
        _write(book.add_worksheet("dictionary"), _ABOUT, _dictionary_rows(tables, dictionary), bold)
        _write(book.add_worksheet("provenance"), ("what", "value"), provenance.items(), bold)
    return out.getvalue()


def _write(sheet: Worksheet, header: Sequence[str], rows: Iterable[Sequence[Any]], bold: Any) -> None:
    widths = [len(name) for name in header]
    sheet.write_row(0, 0, header, bold)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if value is not None:
                sheet.write(last, place, harmless(value) if isinstance(value, str) else value)
                widths[place] = max(widths[place], len(str(value)))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(header) - 1)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width, _WIDEST) + 2)


def _dictionary_rows(
    tables: Mapping[str, pa.Table], dictionary: Mapping[str, Table]
) -> list[tuple[str, ...]]:
    return [
        _about(name, dictionary[name].column(column))
        for name, table in tables.items()
        for column in table.column_names
    ]


def _about(table: str, column: Column) -> tuple[str, ...]:
    codes = "; ".join(f"{code} = {words}" for code, words in column.values.items())
    return (
        table,
        column.name,
        column.label,
        column.type.value,
        column.unit,
        codes,
        column.definition,
        column.missing,
        column.source,
    )
