"""One file says what every exported column is."""

import pytest

from sctrial.dictionary import CODES, Column, Identifying, Kind, Table, read_cdisc, read_dictionary

TABLES = [*read_dictionary().values(), *read_cdisc().values()]
COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES
    for column in table.columns
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_fits_a_sas_transport_file(table: Table, column: Column) -> None:
    """Version 5: names of 8 characters, labels of 40 bytes (SAS note TS-140)."""
    assert len(column.xpt) <= 8
    assert column.xpt.isidentifier()
    assert column.xpt.isupper()
    assert 0 < len(column.label.encode()) <= 40


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_says_what_it_is_and_where_it_comes_from(table: Table, column: Column) -> None:
    assert column.definition
    assert column.missing
    assert column.source
    assert column.name.isidentifier()


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_whose_rare_values_are_hidden_says_so(table: Table, column: Column) -> None:
    is_told = "hidden where fewer than 5 patients share it" in column.definition

    assert is_told == (column.identifying is Identifying.RARE)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_codes_are_of_texts_and_from_a_known_list(table: Table, column: Column) -> None:
    assert not column.codes or (column.codes in CODES and column.type is Kind.TEXT)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_only_real_days_are_dates_and_every_date_may_identify(table: Table, column: Column) -> None:
    assert (column.type is Kind.DATE) == (column.identifying is Identifying.DATE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_names_are_used_once_a_table(table: Table) -> None:
    for names in (
        [c.name for c in table.columns],
        [c.xpt for c in table.columns],
        [c.label for c in table.columns],
    ):
        assert len(names) == len(set(names))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_key_of_a_table_leaves_the_clinic_with_it(table: Table) -> None:
    assert all(table.column(name).identifying in (Identifying.NO, Identifying.RARE) for name in table.key)


def test_every_code_list_is_used() -> None:
    used = {column.codes for table in TABLES for column in table.columns}

    assert set(CODES) <= used


def test_a_date_has_its_study_day_beside_it() -> None:
    """Day 1 itself needs none."""
    alone = [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if column.type is Kind.DATE
        and column.name != "lead_placed_on"
        and column.name.removesuffix("_on") + "_day" not in {other.name for other in table.columns}
    ]

    assert alone == []


def test_a_column_that_is_not_there_has_no_meaning() -> None:
    with pytest.raises(KeyError):
        read_dictionary()["trials"].column("favourite_colour")
