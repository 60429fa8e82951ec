"""Table 1, who the patients are, by the tableone library (Pollard 2018), its small counts hidden."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sctrial.disclosure import SMALLEST_SHOWN, suppress_table

if TYPE_CHECKING:
    import pandas as pd

HIDDEN: Final = "hidden (small)"


@dataclass(frozen=True, slots=True)
class Line:
    """``level`` is "" for a number; ``missing`` counts the patients without a value, None when small."""

    variable: str
    level: str
    text: str
    missing: int | None


def make_table_one(
    frame: "pd.DataFrame", *, categorical: Sequence[str], continuous: Sequence[str], is_shared: bool
) -> tuple[Line, ...]:
    """One row a patient in; counts with percent, medians with quartiles, no p values, out.

    Percents are of the patients with a value. ``is_shared`` hides counts below five and one more where a
    margin would give them back, and all figures of a number that fewer than five patients have. Nobody
    gives no lines. Source: Pollard 2018 (JAMIA Open 1:26).
    """
    if frame.empty:
        return ()
    from tableone import TableOne

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = TableOne(
            frame[[*categorical, *continuous]].reset_index(drop=True),
            categorical=list(categorical),
            nonnormal=list(continuous),
            pval=False,
            include_null=False,
            dip_test=False,
            normal_test=False,
            tukey_test=False,
        )
    cells = {
        (str(variable).partition(",")[0], str(level)): str(text)
        for (variable, level), text in made.tableone.iloc[:, -1].items()
    }
    lines = [line for name in categorical for line in _levels(frame, name, cells, is_shared)]
    return (*lines, *(_number(frame, name, cells, is_shared) for name in continuous))


def _levels(
    frame: "pd.DataFrame", name: str, cells: dict[tuple[str, str], str], is_shared: bool
) -> list[Line]:
    counts = frame[name].dropna().astype(str).value_counts()
    known = {str(level): {"n": int(count)} for level, count in counts.items()}
    shown = suppress_table(known).cells if is_shared and known else known
    missing = _missing(frame, name, is_shared)
    texts = {level: text for (variable, level), text in cells.items() if variable == name}
    return [
        Line(name, level, HIDDEN if shown[level]["n"] is None else texts.get(level, str(count["n"])), missing)
        for level, count in known.items()
    ]


def _number(frame: "pd.DataFrame", name: str, cells: dict[tuple[str, str], str], is_shared: bool) -> Line:
    n = int(frame[name].notna().sum())
    found = next((text for (variable, _), text in cells.items() if variable == name), "")
    text = HIDDEN if is_shared and n < SMALLEST_SHOWN else found
    return Line(name, "", text, _missing(frame, name, is_shared))


def _missing(frame: "pd.DataFrame", name: str, is_shared: bool) -> int | None:
    missing = int(frame[name].isna().sum())
    return None if is_shared and 0 < missing < SMALLEST_SHOWN else missing
