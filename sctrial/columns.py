"""The frame contract: whole cohorts of diaries, one row an entry, so that pandas meets no guess.

``trial``     int64: number of the trial, which is its place in the caller's list of protocols
``day``       int64: diary day as ``date.toordinal()`` counts it
``phase``     category with exactly the codes of ``DiaryPhase``
``region``    category of text; the decision region is ``sctrial.scales.TARGET``
``kind``      category with exactly the codes of ``ScoreKind``
``value``     int64: score in the scale's own units, ``Scale.per_point`` to a scale point
``sequence``  int64: order of the entries of one trial and day, for "the first counts" and "the last counts"

Further columns may stand beside these. Rows may come in any order.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sctrial.phases import DiaryPhase
from sctrial.scales import ScoreKind

TRIAL: Final = "trial"
PATIENT: Final = "patient"
DAY: Final = "day"
PHASE: Final = "phase"
REGION: Final = "region"
KIND: Final = "kind"
VALUE: Final = "value"
SEQUENCE: Final = "sequence"

PHASES: Final = tuple(DiaryPhase)
KINDS: Final = tuple(ScoreKind)
PHASE_DTYPE: Final = pd.CategoricalDtype([phase.value for phase in PHASES])
KIND_DTYPE: Final = pd.CategoricalDtype([kind.value for kind in KINDS])
LAST_DAY: Final = date.max.toordinal()
#: What a stored score can be (a four-byte integer). Sums of scores rest on it: see ``sctrial.diary``.
LARGEST_VALUE: Final = 2**31 - 1

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer]

_INTEGERS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        TRIAL: (0, 2**31 - 1),
        DAY: (1, LAST_DAY),
        VALUE: (-LARGEST_VALUE, LARGEST_VALUE),
        SEQUENCE: (-(2**63), 2**63 - 1),
    }
)
_CATEGORIES: Final[Mapping[str, pd.CategoricalDtype | None]] = MappingProxyType(
    {PHASE: PHASE_DTYPE, REGION: None, KIND: KIND_DTYPE}
)


class WrongColumns(ValueError):
    """A frame that breaks the contract; the message names the column, what it holds and what it must."""


def diary_frame(
    *,
    trial: Ints,
    day: Ints,
    phase: Codes,
    region: "pd.Categorical[str]",
    kind: Codes,
    value: Ints,
    sequence: Ints,
) -> pd.DataFrame:
    """A frame that keeps the contract. ``phase`` and ``kind`` are places in ``PHASES`` and ``KINDS``."""
    frame = pd.DataFrame(
        {
            TRIAL: trial,
            DAY: day,
            PHASE: pd.Categorical.from_codes(phase, dtype=PHASE_DTYPE),
            REGION: region,
            KIND: pd.Categorical.from_codes(kind, dtype=KIND_DTYPE),
            VALUE: value,
            SEQUENCE: sequence,
        }
    )
    require_columns(frame)
    return frame


def require_columns(frame: pd.DataFrame) -> None:
    """Raise WrongColumns unless ``frame`` has every column with its dtype, in range and without gaps."""
    for name in (*_INTEGERS, *_CATEGORIES):
        if name not in frame.columns:
            held = ", ".join(map(str, frame.columns)) or "none"
            raise WrongColumns(f"column '{name}' is missing; the frame has: {held}")
    for name, ends in _INTEGERS.items():
        _require_integers(frame[name], name=name, ends=ends)
    for name, dtype in _CATEGORIES.items():
        _require_category(frame[name], name=name, dtype=dtype)


def _require_integers(column: "pd.Series[int]", *, name: str, ends: tuple[int, int]) -> None:
    if column.dtype != np.int64:
        raise WrongColumns(f"column '{name}' is {column.dtype}; make it int64")
    if len(column) and not (ends[0] <= column.min() and column.max() <= ends[1]):
        seen = f"{column.min()} to {column.max()}"
        raise WrongColumns(f"column '{name}' runs from {seen}; it must stay within {ends[0]} to {ends[1]}")


def _require_category(column: "pd.Series[str]", *, name: str, dtype: pd.CategoricalDtype | None) -> None:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        raise WrongColumns(f"column '{name}' is {column.dtype}; make it a category")
    # Places in the categories are used as numbers, so their order is part of the contract.
    if dtype is not None and list(column.dtype.categories) != list(dtype.categories):
        raise WrongColumns(
            f"column '{name}' has the categories {list(column.dtype.categories)}; "
            f"it must have {list(dtype.categories)} in this order"
        )
    if (column.cat.codes < 0).any():
        raise WrongColumns(f"column '{name}' has rows without a value; leave such rows out")
