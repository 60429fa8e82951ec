"""What few people share hidden on the way out, so that nobody can be picked out of a shared table."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Final

#: Counts below this are hidden, 0 included. A default of this project.
SMALLEST_SHOWN: Final = 5


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
