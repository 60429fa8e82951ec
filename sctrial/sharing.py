"""Counts fit to be shared: small ones hidden, all others rounded, and no small one left to be worked out.

Every shown count is a multiple of five, so no sum or difference of shown counts, of one report or of two,
is a count from 1 to 4. What rounding still leaves determined, such as the last part of a whole whose other
parts were all rounded down, is undone by hiding one part more.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import Final

from sctrial.disclosure import SMALLEST_SHOWN

#: Shown counts are multiples of this. A default of this project.
BASE: Final = 5


class Veil(StrEnum):
    """What stands in place of a count."""

    #: 0 to 4.
    FEW = f"under {SMALLEST_SHOWN}"
    #: 5 or more, hidden so that another count stays hidden.
    HELD = "hidden"


Shown = int | Veil
Bounds = tuple[float, float]
Sums = Mapping[str, Sequence[str]]


def round_count(count: int) -> int:
    """To the nearest multiple of five; 0, 5, 10 for counts up to 2, from 3 to 7, from 8 to 12."""
    return (count + BASE // 2) // BASE * BASE


def show_count(count: int) -> Shown:
    """One count on its own."""
    return Veil.FEW if count < SMALLEST_SHOWN else round_count(count)


def show_counts(counts: Mapping[str, int], *, sums: Sums) -> dict[str, Shown]:
    """Counts by name, of which ``sums`` says which are the sum of which others, by name.

    Until no count from 1 to 4 has only one value that fits everything shown, one more count is hidden: the
    smallest beside it in a sum, a part before a whole. The check reads each sum in turn until nothing
    narrows, which is exact where no two sums share more than one count.
    """
    shown = {name: show_count(count) for name, count in counts.items()}
    while exposed := _exposed(shown, counts=counts, sums=sums):
        beside = _beside(exposed, shown, sums) or {name for name in shown if isinstance(shown[name], int)}
        if not beside:
            break
        shown[min(sorted(beside), key=lambda name: (name in sums, counts[name]))] = Veil.HELD
    return shown


def find_bounds(shown: Mapping[str, Shown], *, sums: Sums) -> dict[str, Bounds]:
    """The least and the most that each count can be for somebody who sees ``shown`` and knows the sums."""
    bounds = {name: _bounds_of(value) for name, value in shown.items()}
    before: dict[str, Bounds] = {}
    while bounds != before:
        before = dict(bounds)
        for whole, parts in sums.items():
            _narrow(bounds, whole, parts)
    return bounds


def _bounds_of(value: Shown) -> Bounds:
    if value is Veil.FEW:
        return 0, SMALLEST_SHOWN - 1
    if value is Veil.HELD:
        return SMALLEST_SHOWN, inf
    number = int(value)
    return max(SMALLEST_SHOWN, number - BASE // 2), number + BASE // 2


def _narrow(bounds: dict[str, Bounds], whole: str, parts: Sequence[str]) -> None:
    low, high = bounds[whole]
    lowest, highest = (sum(bounds[part][end] for part in parts) for end in (0, 1))
    bounds[whole] = max(low, lowest), min(high, highest)
    for part in parts:
        low, high = bounds[part]
        least, most = (sum(bounds[other][end] for other in parts if other != part) for end in (0, 1))
        bounds[part] = max(low, bounds[whole][0] - most), min(high, bounds[whole][1] - least)


def _exposed(shown: Mapping[str, Shown], *, counts: Mapping[str, int], sums: Sums) -> str | None:
    bounds = find_bounds(shown, sums=sums)
    for name, (low, high) in bounds.items():
        if shown[name] is Veil.FEW and counts[name] and low == high:
            return name
    return None


def _beside(name: str, shown: Mapping[str, Shown], sums: Sums) -> set[str]:
    lines = [{whole, *parts} for whole, parts in sums.items() if name == whole or name in parts]
    return {one for line in lines for one in line if isinstance(shown[one], int)}
