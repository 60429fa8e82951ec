"""A workbook is read back by openpyxl, and nothing in it runs."""

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from sctrial.workbook import MOST_ROWS, TooLong, to_xlsx
from tests.sctrial.made_tables import DICTIONARY, MEAN, made_tables

CREATED = datetime(2026, 10, 14, 12, tzinfo=UTC)


def written(most_rows: int = MOST_ROWS) -> bytes:
    return to_xlsx(
        made_tables(),
        dictionary=DICTIONARY,
        provenance={"snapshot": "2026-10-14-abc"},
        created=CREATED,
        most_rows=most_rows,
    )


def rows(sheet: str) -> list[dict[str, Any]]:
    header, *lines = openpyxl.load_workbook(io.BytesIO(written()))[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def test_each_table_is_a_sheet_and_its_dictionary_and_origin_are_too() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written()))

    assert book.sheetnames == ["subjects", "trials", "entries", "dictionary", "provenance"]
    assert rows("provenance") == [{"what": "snapshot", "value": "2026-10-14-abc"}]
    assert book["trials"].freeze_panes == "A2"


def test_the_mean_is_the_same_read_back() -> None:
    percents = [row["percent_reduction"] for row in rows("trials") if row["percent_reduction"] is not None]

    assert sum(percents) / len(percents) == MEAN


def test_a_formula_is_a_text() -> None:
    assert rows("trials")[0]["device"] == "'=cmd|' /C calc'!A0"
    cells = openpyxl.load_workbook(io.BytesIO(written()))["trials"]
    assert all(cell.data_type != "f" for row in cells.iter_rows() for cell in row)


def test_every_column_is_in_the_dictionary_sheet() -> None:
    columns = {(name, column) for name, table in made_tables().items() for column in table.column_names}

    assert {(row["table"], row["column"]) for row in rows("dictionary")} == columns


def test_the_same_tables_are_the_same_bytes() -> None:
    assert written() == written()


def test_a_table_longer_than_a_sheet_is_refused() -> None:
    with pytest.raises(TooLong, match="subjects has 4 rows, a sheet 3; take CSV or Parquet"):
        written(most_rows=3)
