"""CSV that no spreadsheet runs and every reader reads."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.csv_files import BOM, csv_chunks, harmless, to_csv


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("5-", "5-"),
        ("a=b", "a=b"),
        ('say "hi", Ada', 'say "hi", Ada'),
        ("Größe\nzwei", "Größe\nzwei"),
    ],
)
def test_a_text_that_begins_like_a_formula_is_disarmed(text: str, written: str) -> None:
    assert rows_of(to_csv(pa.table({"t": [text]}))) == [["t"], [written]]
    assert harmless(text) == written


def test_numbers_flags_and_missing_values_are_written_plainly() -> None:
    table = pa.table({"x": [-1.5, 8.0, None], "n": [-3, None, 4], "f": [True, False, None]})

    assert rows_of(to_csv(table)) == [
        ["x", "n", "f"],
        ["-1.5", "-3", "true"],
        ["8", "", "false"],
        ["", "4", ""],
    ]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_a_number_is_read_back_as_the_very_same(values: list[float]) -> None:
    assert [float(value) for (value,) in rows_of(to_csv(pa.table({"x": values})))[1:]] == values


def test_the_mark_for_excel_comes_first_and_only_when_asked_for() -> None:
    table = pa.table({"t": ["a"]})

    assert to_csv(table, bom=True) == BOM + to_csv(table)


def test_the_pieces_are_the_file() -> None:
    table = pa.table({"t": ["a", "b", "c"]})
    pieces = list(csv_chunks(table.to_batches(max_chunksize=1), schema=table.schema))

    assert b"".join(pieces) == to_csv(table)
    assert len(pieces) == 1 + 3
