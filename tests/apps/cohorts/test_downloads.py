"""One snapshot in every format, each read back by a reader that is not ours: the same mean."""

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from apps.accounts.models import Clinic
from apps.cohorts.downloads import OF_ALL, OF_TABLE, write_all, write_table
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import Asker, make_snapshot
from tests.apps.cohorts.asking import access_to
from tests.factories import make_trial
from tests.factories.deciding import MET, NOT_MET, SIGNING, make_waiting

#: Four trials from 8 to 3, one that stays at 8, one that nobody judged.
MEAN = (4 * 100 * (8 - 3) / 8 + 0) / 5
Numbers = list[float | None]


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    for scores in (MET, MET, MET, MET, NOT_MET):
        make_waiting(clinic, scores=scores)
    make_trial(clinic=clinic)
    return make_snapshot(CohortQuestion(), asker=Asker("staff:1", access_to(clinic), SIGNING))


def by_duckdb(path: Path) -> Numbers:
    return _column(duckdb.execute("select percent_reduction from " + _reader(path), [str(path)]).fetchall())


def _reader(path: Path) -> str:
    return "read_parquet(?)" if path.suffix == ".parquet" else "read_csv(?, header = true)"


def _column(rows: list[tuple[float | None]]) -> Numbers:
    return [value for (value,) in rows]


def by_sqlite(path: Path) -> Numbers:
    with closing(sqlite3.connect(path)) as base:
        return _column(base.execute("SELECT percent_reduction FROM trials").fetchall())


def by_openpyxl(path: Path) -> Numbers:
    header, *rows = openpyxl.load_workbook(path)["trials"].iter_rows(values_only=True)
    return [row[header.index("percent_reduction")] for row in rows]


def by_sas_reader(path: Path) -> Numbers:
    return _known(pd.read_sas(path, format="xport", encoding="utf-8")["PCTRED"])


def by_stata_reader(path: Path) -> Numbers:
    return _known(pd.read_stata(path)["percent_reduction"])


def by_spss_reader(path: Path) -> Numbers:
    return _known(pyreadstat.read_sav(str(path))[0]["percent_reduction"])


def _known(values: "pd.Series[Any]") -> Numbers:
    return [None if pd.isna(value) else float(value) for value in values]


def from_flat(path: Path) -> Numbers:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    trials = [row for row in rows if row["redcap_repeat_instrument"] == "trials"]
    values = [row["trials_percent_reduction"] for row in trials]
    return [float(value) if value else None for value in values]


def from_eav(path: Path) -> Numbers:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    found = [float(row["value"]) for row in rows if row["field_name"] == "trials_percent_reduction"]
    # What is missing has no line.
    return [*found, None]


READERS: dict[str, Callable[[Path], Numbers]] = {
    "csv": by_duckdb,
    "bom.csv": by_duckdb,
    "parquet": by_duckdb,
    "xpt": by_sas_reader,
    "sav": by_spss_reader,
    "dta": by_stata_reader,
    "xlsx": by_openpyxl,
    "sqlite": by_sqlite,
    "redcap.csv": from_flat,
    "redcap-eav.csv": from_eav,
}


@pytest.mark.parametrize("ending", READERS)
def test_every_format_holds_the_same_trials_and_the_same_mean(
    ending: str, snapshot: Snapshot, tmp_path: Path
) -> None:
    pieces = write_table(snapshot, "trials", ending) if ending in OF_TABLE else write_all(snapshot, ending)
    path = tmp_path / f"trials.{ending}"
    path.write_bytes(b"".join(pieces))

    values = READERS[ending](path)

    known = [value for value in values if value is not None]
    assert (len(values), len(known)) == (6, 5)
    assert sum(known) / len(known) == MEAN


def test_no_format_is_left_out() -> None:
    assert set(READERS) | {"redcap-dictionary.csv"} == {*OF_TABLE, *OF_ALL}


@pytest.mark.parametrize("ending", ["csv", "bom.csv", "parquet", "xlsx", "sqlite", "redcap.csv"])
def test_a_file_taken_twice_is_the_same_bytes(ending: str, snapshot: Snapshot) -> None:
    def taken() -> bytes:
        kept = Snapshot.objects.get(pk=snapshot.pk)
        pieces = write_table(kept, "trials", ending) if ending in OF_TABLE else write_all(kept, ending)
        return b"".join(pieces)

    assert taken() == taken()
