"""Table 1, who the patients are, by the tableone library (Pollard 2018), its small counts hidden."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.sharing import Shown, Veil, show_count, show_counts

if TYPE_CHECKING:
    import pandas as pd

HIDDEN: Final = "hidden (small)"


@dataclass(frozen=True, slots=True)
class Line:
    """``level`` is "" for a number; ``missing`` counts the patients without a value."""

    variable: str
    level: str
    text: str
    missing: int | str


def make_table_one(
    frame: "pd.DataFrame",
    *,
    categorical: Sequence[str],
    continuous: Sequence[str],
    means: Sequence[str] = (),
    orders: Mapping[str, Sequence[str]] | None = None,
    is_shared: bool,
) -> tuple[Line, ...]:
    """One row a patient in; counts with percent, medians with quartiles, no p values, out.

    Numbers named in ``means`` come as mean with standard deviation (n - 1), first. Levels stand by frequency,
    or in the order that ``orders`` has for a variable. Percents are of the patients with a value.
    ``is_shared`` hides counts below five and rounds all others as ``show_counts`` does, and hides all figures
    of a number that fewer than five patients have. Nobody gives no lines.
    Source: Pollard 2018 (JAMIA Open 1:26).
    """
    if frame.empty:
        return ()
    from tableone import TableOne

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = TableOne(
            frame[[*means, *categorical, *continuous]].reset_index(drop=True),
            categorical=list(categorical),
            continuous=[*means, *continuous],
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
    lines = [_number(frame, name, cells, is_shared) for name in means]
    for name in categorical:
        lines += _levels(frame, name, cells, is_shared, (orders or {}).get(name, ()))
    return (*lines, *(_number(frame, name, cells, is_shared) for name in continuous))


def _levels(
    frame: "pd.DataFrame",
    name: str,
    cells: dict[tuple[str, str], str],
    is_shared: bool,
    order: Sequence[str],
) -> list[Line]:
    counts = frame[name].dropna().astype(str).value_counts()
    by_size = {str(level): int(count) for level, count in counts.items()}
    known = {level: by_size[level] for level in dict.fromkeys([*order, *by_size]) if level in by_size}
    missing = int(frame[name].isna().sum())
    if is_shared:
        return _shared_levels(name, known, missing)
    texts = {level: text for (variable, level), text in cells.items() if variable == name}
    return [Line(name, level, texts.get(level, str(count)), missing) for level, count in known.items()]


def _shared_levels(name: str, known: dict[str, int], missing: int) -> list[Line]:
    parts = {("level", level): count for level, count in known.items()} | {("missing", ""): missing}
    names = {f"{kind}/{level}": count for (kind, level), count in parts.items()}
    shown = show_counts(names | {"all": sum(names.values())}, sums={"all": list(names)})
    of = show_count(sum(known.values()))
    return [
        Line(name, level, _share_text(shown[f"level/{level}"], of), _plain(shown["missing/"]))
        for level in known
    ]


def _share_text(count: Shown, of: Shown) -> str:
    if isinstance(count, Veil) or isinstance(of, Veil):
        return HIDDEN
    return f"{count} ({100 * count / of:.1f})"


def _plain(shown: Shown) -> int | str:
    return shown.value if isinstance(shown, Veil) else shown


def _number(frame: "pd.DataFrame", name: str, cells: dict[tuple[str, str], str], is_shared: bool) -> Line:
    n = int(frame[name].notna().sum())
    found = next((text for (variable, _), text in cells.items() if variable == name), "")
    text = HIDDEN if is_shared and n < SMALLEST_SHOWN else found
    missing = int(frame[name].isna().sum())
    return Line(name, "", text, _plain(show_count(missing)) if is_shared else missing)
