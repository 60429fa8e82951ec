"""Files for SAS, SPSS and Stata are read back, the first and the last by pandas' own readers."""

import io
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from sctrial.stat_files import WRITERS, TextTooLong, to_dta, to_sav, to_xpt
from tests.sctrial.made_tables import DICTIONARY, MEAN, made, made_tables

TRIALS, ENTRIES = DICTIONARY["trials"], DICTIONARY["entries"]
CONTENT = made_tables()


def test_sas_reads_the_same_mean_under_the_sas_names() -> None:
    frame = pd.read_sas(io.BytesIO(to_xpt(CONTENT["trials"], table=TRIALS)), format="xport", encoding="utf-8")

    assert frame["PCTRED"].mean() == MEAN
    assert list(frame["TRIALID"]) == ["S0-1", "S1-1", "S2-1", "S3-1"]
    assert list(frame.columns) == [TRIALS.column(name).xpt for name in CONTENT["trials"].column_names]


def test_stata_reads_the_same_mean() -> None:
    frame = pd.read_stata(io.BytesIO(to_dta(CONTENT["trials"], table=TRIALS)))

    assert frame["percent_reduction"].mean() == MEAN
    assert frame["device"][1] == "Invented Größe"
    assert list(frame["lead_placed_on"].dt.day) == [8, 9, 10, 11]


def test_spss_reads_the_same_mean(tmp_path: Path) -> None:
    path = tmp_path / "trials.sav"
    path.write_bytes(to_sav(CONTENT["trials"], table=TRIALS))
    frame, about = pyreadstat.read_sav(str(path))

    assert frame["percent_reduction"].mean() == MEAN
    assert about.column_names_to_labels["percent_reduction"] == "Percent reduction of the mean"


def test_a_transport_file_carries_labels_and_days(tmp_path: Path) -> None:
    path = tmp_path / "trials.xpt"
    path.write_bytes(to_xpt(CONTENT["trials"], table=TRIALS))
    frame, about = pyreadstat.read_xport(str(path))

    assert about.column_names_to_labels["PCTRED"] == "Percent reduction of the mean"
    assert [day.day for day in frame["PLACEDT"]] == [8, 9, 10, 11]


def test_flags_are_0_and_1() -> None:
    frame = pd.read_stata(io.BytesIO(to_dta(CONTENT["entries"], table=ENTRIES)))

    assert list(frame["replaced"]) == [1.0, 0.0]


def test_a_text_that_sas_cannot_hold_is_refused_by_name() -> None:
    long = made("trials", {"study_id": "S1", "trial_id": "S1-1", "device": "ß" * 101})

    with pytest.raises(TextTooLong, match="device holds a text of 202 bytes; a SAS transport file takes 200"):
        to_xpt(long, table=TRIALS)


@pytest.mark.parametrize("ending", WRITERS)
def test_a_table_without_rows_is_a_file(ending: str) -> None:
    assert WRITERS[ending](CONTENT["trials"].slice(0, 0), table=TRIALS)
