"""The dictionary that REDCap imports."""

import re

from sctrial.dictionary import Identifying, read_dictionary
from sctrial.redcap import HEADER, dictionary_rows, field_name

TABLES = read_dictionary()
ROWS = {row[0]: dict(zip(HEADER, row, strict=True)) for row in dictionary_rows(TABLES.values())}


def test_the_header_has_the_18_columns() -> None:
    assert len(HEADER) == len(set(HEADER)) == 18


def test_every_column_is_a_field_and_every_field_a_column() -> None:
    columns = {field_name(table.name, column.name) for table in TABLES.values() for column in table.columns}

    assert set(ROWS) == columns
    assert len(ROWS) == len(list(dictionary_rows(TABLES.values())))


def test_the_records_own_id_comes_first() -> None:
    assert next(iter(ROWS)) == "study_id"


def test_field_names_are_ones_that_redcap_takes() -> None:
    """Lower-case letters, digits and underscores, beginning with a letter, at most 100 characters."""
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name) for name in ROWS)


def test_a_coded_column_is_a_choice_and_a_number_is_checked_as_one() -> None:
    assert ROWS["trials_answer"]["Field Type"] == "radio"
    assert ROWS["trials_answer"][HEADER[5]] == "met, Met | not_met, Not met | not_evaluable, Not evaluable"
    assert ROWS["trials_baseline_mean"][HEADER[7]] == "number"
    assert ROWS["entries_replaced"]["Field Type"] == "yesno"


def test_what_would_identify_is_marked() -> None:
    marked = {name for name, row in ROWS.items() if row["Identifier?"] == "y"}
    identifying = {
        field_name(table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if column.identifying in (Identifying.YES, Identifying.DATE)
    }

    assert marked == identifying
