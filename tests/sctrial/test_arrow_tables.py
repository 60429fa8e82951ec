"""From frames to Parquet: the dictionary's types, and the same bytes for the same rows."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from sctrial.arrow_tables import read_batches, read_parquet, to_arrow, to_parquet
from sctrial.dictionary import Column, Kind

COLUMNS = tuple(
    Column(
        name, f"Label of {name}", name.upper(), kind, "made up", "made up", unit="day" if name == "n" else ""
    )
    for name, kind in (
        ("t", Kind.TEXT),
        ("n", Kind.INTEGER),
        ("x", Kind.NUMBER),
        ("d", Kind.DATE),
        ("f", Kind.FLAG),
    )
)
FRAME = pd.DataFrame(
    {
        "t": pd.Series(["a", ""], dtype="object"),
        "n": pd.Series([1, None], dtype="Int64"),
        "x": pd.Series([0.1 + 0.2, None], dtype="float64"),
        "d": pd.Series([date(2026, 10, 8), None]).astype("datetime64[s]"),
        "f": pd.Series([True, None], dtype="boolean"),
    }
)


def test_values_have_the_types_of_the_dictionary_and_missing_ones_are_null() -> None:
    table = to_arrow(FRAME, COLUMNS)

    assert table.to_pylist() == [
        {"t": "a", "n": 1, "x": 0.1 + 0.2, "d": date(2026, 10, 8), "f": True},
        {"t": None, "n": None, "x": None, "d": None, "f": None},
    ]
    assert table.schema.field("n").metadata == {b"label": b"Label of n", b"unit": b"day"}


def test_the_same_rows_are_the_same_bytes_whatever_frame_held_them() -> None:
    other = FRAME.copy()
    other.index = pd.Index([7, 9])
    other["unasked"] = 1

    assert to_parquet(to_arrow(FRAME, COLUMNS)) == to_parquet(to_arrow(other, COLUMNS))


def test_an_independent_reader_sees_the_same_values(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_bytes(to_parquet(to_arrow(FRAME, COLUMNS)))

    rows = duckdb.execute("select t, n, x, d, f from read_parquet(?)", [str(path)]).fetchall()

    assert rows == [("a", 1, 0.1 + 0.2, date(2026, 10, 8), True), (None,) * 5]


def test_what_was_written_is_read_back_whole_or_in_batches() -> None:
    table = to_arrow(FRAME, COLUMNS)

    assert read_parquet(to_parquet(table)).equals(table)
    assert pa.Table.from_batches(read_batches(to_parquet(table)), schema=table.schema).equals(table)


def test_a_table_without_rows_has_its_columns() -> None:
    assert read_parquet(to_parquet(to_arrow(FRAME.head(0), COLUMNS))).column_names == list("tnxdf")
