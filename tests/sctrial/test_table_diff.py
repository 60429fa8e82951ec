"""What came, went and changed in one table."""

from typing import Any

import pyarrow as pa
import pytest

from sctrial.table_diff import WRITTEN_OTHERWISE, compare_tables

KEY = ("trial_id", "day")


def table(*rows: tuple[str, int, float]) -> pa.Table:
    names = ("trial_id", "day", "value")
    schema = pa.schema([("trial_id", pa.string()), ("day", pa.int64()), ("value", pa.float64())])
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)


MONDAY, TUESDAY = ("S1-1", 1, 8.0), ("S1-1", 2, 4.0)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([MONDAY], [MONDAY, TUESDAY], "1 added"),
        ([MONDAY, TUESDAY], [MONDAY], "1 gone"),
        ([MONDAY, TUESDAY], [MONDAY, ("S1-1", 2, 5.0)], "1 changed"),
        ([MONDAY], [TUESDAY], "1 added, 1 gone"),
        ([MONDAY], [MONDAY], WRITTEN_OTHERWISE),
    ],
)
def test_rows_are_told_apart_by_their_key(before: list[Any], after: list[Any], words: str) -> None:
    found = compare_tables("daily", table(*before), after=table(*after), key=KEY)

    assert (found.words, found.rows) == (words, (len(before), len(after)))


def test_rows_that_share_a_key_are_not_taken_for_one() -> None:
    """Two regions that are both hidden leave two rows of one day."""
    found = compare_tables("daily", table(MONDAY, MONDAY), after=table(MONDAY, ("S1-1", 1, 7.0)), key=KEY)

    (change,) = found.changes
    assert (change.what, change.row["value"]) == ("changed", 7.0)


def test_a_column_more_and_another_type_are_said() -> None:
    before = table(MONDAY)
    after = before.append_column("unit", pa.array(["point"])).set_column(
        1, "day", before.column("day").cast(pa.int32())
    )

    found = compare_tables("daily", before, after=after, key=KEY)

    assert found.columns == ("column unit added", "column day is int32 instead of int64")


def test_a_column_more_does_not_make_every_row_another() -> None:
    """As between snapshots of two versions of the dictionary."""
    after = table(MONDAY, ("S1-1", 2, 5.0)).append_column("originator", pa.array(["patient", "staff"]))

    found = compare_tables("daily", table(MONDAY, TUESDAY), after=after, key=KEY)

    assert found.words == "1 changed, column originator added"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, table(MONDAY), "1 added, whole table added"),
        (table(MONDAY), None, "1 gone, whole table gone"),
    ],
)
def test_a_table_that_one_side_has_not_is_said(before: Any, after: Any, words: str) -> None:
    assert compare_tables("daily", before, after=after, key=KEY).words == words
