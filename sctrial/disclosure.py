"""Small cells hidden on the way out, so that no patient can be picked out of a shared table.

A hidden cell is None. Adding up what is shown and subtracting it from a margin does not bring it back.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Counts below this are hidden, 0 included. A default of this project.
SMALLEST_SHOWN: Final = 5
#: Counts that are shown are rounded to a multiple of this, half up; 1 is not at all.
ROUNDED_TO: Final = 1

Shown = dict[str, int | None]
_Cell = tuple[str | None, str | None]
#: Row or column of the margins; no name of a real one can be mistaken for it.
_MARGIN: Final = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A table fit to be shared: None is a hidden count."""

    cells: dict[str, Shown]
    row_totals: Shown
    column_totals: Shown
    total: int | None


def suppress_table(table: Mapping[str, Mapping[str, int]]) -> Suppressed:
    """``table`` (rows of counts, the same columns in each) with its margins, small counts hidden.

    Then, until nothing is given away, one more cell is hidden for each exposed one, the smallest that
    helps, inside cells before margins. A hidden cell is exposed when the margins determine it, that is, when
    it closes no ring in the graph whose edges join the row and column of each hidden cell; or when its line's
    margin is shown and the hidden counts of the line are together below ``SMALLEST_SHOWN``.
    """
    counts = dict(_with_margins(table))
    hidden = {cell for cell, count in counts.items() if count < SMALLEST_SHOWN}
    while len(hidden) < len(counts):
        exposed = next(
            (cell for cell in counts if cell in hidden and _is_exposed(cell, hidden, counts)), None
        )
        if exposed is None:
            break
        hidden.add(_next_to_hide(exposed, hidden, counts))
    shown = {cell: None if cell in hidden else _rounded(count) for cell, count in counts.items()}
    columns = list(dict.fromkeys(column for row in table.values() for column in row))
    return Suppressed(
        cells={row: {column: shown[row, column] for column in columns} for row in table},
        row_totals={row: shown[row, _MARGIN] for row in table},
        column_totals={column: shown[_MARGIN, column] for column in columns},
        total=shown[_MARGIN, _MARGIN],
    )


def _rounded(count: int) -> int:
    return (2 * count + ROUNDED_TO) // (2 * ROUNDED_TO) * ROUNDED_TO


def suppress_counts(counts: Mapping[str, int]) -> tuple[Shown, int | None]:
    """One line of counts and its total, treated as a table of one row."""
    shared = suppress_table({"all": counts})
    return shared.cells["all"], shared.row_totals["all"]


def _with_margins(table: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[_Cell, int]]:
    totals: dict[str | None, int] = {}
    for row, counts in table.items():
        for column, count in counts.items():
            totals[column] = totals.get(column, 0) + count
            yield (row, column), count
        yield (row, _MARGIN), sum(counts.values())
    yield from (((_MARGIN, column), total) for column, total in totals.items())
    yield (_MARGIN, _MARGIN), sum(totals.values())


def _is_exposed(cell: _Cell, hidden: set[_Cell], counts: Mapping[_Cell, int]) -> bool:
    return not _closes_a_ring(cell, hidden) or any(_is_small(cell, axis, hidden, counts) for axis in (0, 1))


def _closes_a_ring(cell: _Cell, hidden: set[_Cell]) -> bool:
    # Is there a way from the cell's row to its column over other hidden cells?
    others = hidden - {cell}
    rows, columns = {cell[0]}, {column for row, column in others if row == cell[0]}
    while cell[1] not in columns:
        more = {row for row, column in others if column in columns} - rows
        if not more:
            return False
        rows |= more
        columns |= {column for row, column in others if row in more}
    return True


def _is_small(cell: _Cell, axis: int, hidden: set[_Cell], counts: Mapping[_Cell, int]) -> bool:
    line = [other for other in hidden if other[axis] == cell[axis]]
    # The margin of this line is the cell that has no name on the other axis.
    if any(other[1 - axis] is _MARGIN for other in line):
        return False
    return sum(counts[other] for other in line) < SMALLEST_SHOWN


def _next_to_hide(exposed: _Cell, hidden: set[_Cell], counts: Mapping[_Cell, int]) -> _Cell:
    def cost(cell: _Cell) -> tuple[bool, bool, bool, int]:
        closes = not _closes_a_ring(exposed, hidden) and _closes_a_ring(exposed, hidden | {cell})
        beside = cell[0] == exposed[0] or cell[1] == exposed[1]
        return not closes, not beside, _MARGIN in cell, counts[cell]

    return min((cell for cell in counts if cell not in hidden), key=cost)


def find_rare(values: Iterable[tuple[str, str]], *, smallest: int = SMALLEST_SHOWN) -> frozenset[str]:
    """The values to hide in a table with one row a person, from pairs of person and value.

    Those that fewer than ``smallest`` people share; and while all hidden ones together are of fewer people
    than that, the next smallest too, because who knows how many people there are could tell a lone hidden
    value from the others. "" is a missing value and never hidden. A person may have several values.
    """
    people: dict[str, set[str]] = {}
    for person, value in values:
        if value:
            people.setdefault(value, set()).add(person)
    by_size = sorted(people, key=lambda value: (len(people[value]), value))
    hidden: list[str] = []
    together: set[str] = set()
    for value in by_size:
        if len(people[value]) >= smallest and (not hidden or len(together) >= smallest):
            break
        hidden.append(value)
        together |= people[value]
    return frozenset(hidden)


class Overlap(StrEnum):
    """How two cohorts of people lie to each other, as far as it matters for what their difference tells."""

    #: The same people, or at least ``SMALLEST_SHOWN`` on every side that has any.
    HARMLESS = "harmless"
    #: One holds the other and a few people more: their difference is a table of those few.
    NESTED = "nested"
    #: Neither holds the other, and on one side there are only a few: a table of both would be needed too.
    CROSSING = "crossing"


def compare_cohorts(
    one: AbstractSet[str], *, other: AbstractSet[str], smallest: int = SMALLEST_SHOWN
) -> Overlap:
    """What the difference between the tables of two cohorts would tell; strangers to each other, nothing."""
    sides = [len(one - other), len(other - one)]
    if not one & other or all(not 0 < side < smallest for side in sides):
        return Overlap.HARMLESS
    return Overlap.NESTED if 0 in sides else Overlap.CROSSING
