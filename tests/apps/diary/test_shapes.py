"""The description of the API says of a column what the data dictionary says of it."""

import pytest

from sctrial.dictionary import read_dictionary
from tests.described import api_description

#: Field of an answer, and the column of the exported ``entries`` that holds the same.
SAME = {
    "diary_day": "diary_on",
    "window": "window_number",
    "timeliness": "timeliness",
    "originator": "originator",
    "language": "language",
    "instrument_version": "instrument_version",
    "region": "region",
    "kind": "kind",
    "scale": "scale",
}


@pytest.mark.parametrize(("field", "column"), SAME.items())
def test_a_field_of_an_entry_has_the_words_of_its_column(field: str, column: str) -> None:
    entry = api_description()["components"]["schemas"]["EntryOut"]["properties"][field]
    told = read_dictionary()["entries"].column(column)

    assert entry["description"].startswith(f"{told.label}: ")
    assert told.definition.startswith(entry["description"].removeprefix(f"{told.label}: ").rstrip("."))


def test_every_field_of_an_entry_that_is_a_column_by_name_is_described_so() -> None:
    fields = set(api_description()["components"]["schemas"]["EntryOut"]["properties"])
    columns = {column.name for column in read_dictionary()["entries"].columns}

    # A phone sends steps of the scale, an export has points.
    assert (fields & columns) - {"value"} <= set(SAME)
