"""The frame contract: what a frame must hold before anything is derived from it."""

import subprocess
import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sctrial.columns import LARGEST_VALUE, WrongColumns, diary_frame, require_columns

DAY = date(2026, 3, 2).toordinal()


def frame(**changed: Any) -> pd.DataFrame:
    return diary_frame(
        trial=np.array([0, 1]),
        day=np.array([DAY, DAY + 1]),
        phase=np.array([0, 1]),
        region=pd.Categorical(["target", "wound"]),
        kind=np.array([0, 3]),
        value=np.array([7, 3]),
        sequence=np.array([0, 1]),
    ).assign(**changed)


def test_a_frame_reads_in_the_words_of_the_field() -> None:
    made = frame()

    assert list(made["phase"]) == ["baseline", "trial"]
    assert list(made["kind"]) == ["average", "current"]


def test_further_columns_may_stand_beside_the_contract() -> None:
    require_columns(frame(source=["a", "b"]))


def test_an_empty_frame_keeps_the_contract() -> None:
    require_columns(frame().head(0))


@pytest.mark.parametrize("name", ["trial", "day", "phase", "region", "kind", "value", "sequence"])
def test_it_names_the_column_that_is_missing(name: str) -> None:
    with pytest.raises(WrongColumns, match=f"column '{name}' is missing; the frame has: "):
        require_columns(frame().drop(columns=name))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value": [7.0, 3.0]}, "column 'value' is float64; make it int64"),
        ({"value": np.array([7, 3], np.int32)}, "column 'value' is int32; make it int64"),
        ({"value": [7, LARGEST_VALUE + 1]}, "column 'value' runs from 7 to 2147483648"),
        ({"value": [7, -LARGEST_VALUE - 1]}, "column 'value' runs from -2147483648 to 7"),
        ({"trial": [-1, 0]}, "column 'trial' runs from -1 to 0; it must stay within 0 to"),
        ({"day": [0, DAY]}, "column 'day' runs from 0 to"),
        ({"day": [DAY, date.max.toordinal() + 1]}, "it must stay within 1 to 3652059"),
        ({"day": pd.to_datetime(["2026-03-02", "2026-03-03"])}, "column 'day' is datetime64"),
        ({"region": ["target", "wound"]}, "column 'region' is str; make it a category"),
        ({"region": pd.Categorical(["target", None])}, "column 'region' has rows without a value"),
        ({"kind": pd.Categorical(["average", "mood"])}, "column 'kind' has the categories"),
        ({"phase": pd.Categorical(["trial", "baseline"], ["trial", "baseline"])}, "in this order"),
    ],
)
def test_it_refuses_a_frame_that_would_have_to_be_guessed_at(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongColumns, match=message):
        require_columns(frame(**changed))


def test_the_exact_half_of_the_core_does_without_pandas() -> None:
    program = "import sctrial, sctrial.verdict, sys; print({'numpy', 'pandas'} & sys.modules.keys())"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"
