"""One file to ask in SQL, read back by sqlite3 itself."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from sctrial.sqlite_file import to_sqlite
from tests.sctrial.made_tables import DICTIONARY, MEAN, made_tables


@pytest.fixture
def base() -> Iterator[sqlite3.Connection]:
    content = to_sqlite(made_tables(), dictionary=DICTIONARY, provenance={"snapshot": "2026-10-14-abc"})
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.deserialize(content)
        yield opened


def test_the_mean_is_the_same_in_sql(base: sqlite3.Connection) -> None:
    assert base.execute("SELECT avg(percent_reduction) FROM trials").fetchone() == (MEAN,)


def test_tables_can_be_joined_and_days_compared(base: sqlite3.Connection) -> None:
    found = base.execute(
        "SELECT count(*), sum(replaced) FROM entries JOIN trials USING (trial_id) "
        "WHERE lead_placed_on < '2026-10-09'"
    )

    assert found.fetchone() == (2, 1)


def test_dictionary_and_origin_are_in_it(base: sqlite3.Connection) -> None:
    columns = sum(len(table.column_names) for table in made_tables().values())

    assert base.execute("SELECT count(*) FROM dictionary").fetchone() == (columns,)
    assert base.execute("SELECT * FROM provenance").fetchall() == [("snapshot", "2026-10-14-abc")]
