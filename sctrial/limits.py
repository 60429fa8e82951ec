"""What a rule asks of a quantity: at least, at most or more than, and how quantities are written in a rule.

Quantities are text ("50%", "5 of 10", "48 hours"), so that a unit always stands beside its number and no
binary fraction can slip in.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from sctrial.reduction import display_percent_at
from sctrial.scales import show_exactly
from sctrial.strict import Section

_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,6})?"
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.ASCII)
_RATIO: Final = re.compile(r"[0-9]{1,6}/[1-9][0-9]{0,5}", re.ASCII)
_PLACE: Final = re.compile(rf"({_NUMBER}) of ([1-9][0-9]{{0,5}})", re.ASCII)
_AMOUNT: Final = re.compile(rf"({_NUMBER})(%| points)", re.ASCII)
_DURATION: Final = re.compile(r"([1-9][0-9]{0,3}) (days|hours)", re.ASCII)
_PLAIN: Final = re.compile(_NUMBER, re.ASCII)


class Relation(StrEnum):
    """How a value must stand to the number of a rule."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE_THAN = "more_than"

    @property
    def words(self) -> str:
        """The relation as a sentence has it."""
        return self.value.replace("_", " ")

    @property
    def sign(self) -> str:
        """The relation as a table has it, in ASCII."""
        return _SIGNS[self]


_SIGNS: Final = {Relation.AT_LEAST: ">=", Relation.AT_MOST: "<=", Relation.MORE_THAN: ">"}
_HOLDS: Final[Mapping[Relation, Callable[[Fraction, Fraction], bool]]] = MappingProxyType(
    {
        Relation.AT_LEAST: lambda value, limit: value >= limit,
        Relation.AT_MOST: lambda value, limit: value <= limit,
        Relation.MORE_THAN: lambda value, limit: value > limit,
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A relation and the number it holds against; ``at least`` and ``at most`` include the number itself."""

    relation: Relation
    value: Fraction

    def holds(self, value: Fraction) -> bool:
        """Whether ``value`` is what the rule asks for; exact, in the unit of the limit."""
        return _HOLDS[self.relation](value, self.value)

    def show(self, value: Fraction) -> str:
        """Two decimals, half away from zero, never rounded across the limit: 2.503 over 2.5 is "2.51"."""
        if self.relation is Relation.AT_LEAST:
            return _shown(value, self.value)
        shown = _shown(-value, -self.value)
        return shown[1:] if shown.startswith("-") else (shown if _is_zero(shown) else f"-{shown}")


def _shown(value: Fraction, limit: Fraction) -> str:
    return display_percent_at(value, threshold=limit / 100).removesuffix(" %")


def _is_zero(shown: str) -> bool:
    return not shown.strip("0.")


class Unit(StrEnum):
    """What a change of a score is counted in."""

    POINTS = "points"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Amount:
    """A size of change: points of the score, or percent of its value at baseline."""

    value: Fraction
    unit: Unit

    def __str__(self) -> str:
        return f"{show_exactly(self.value)} {'%' if self.unit is Unit.PERCENT else 'points'}"


class TimeUnit(StrEnum):
    """What the time with leads in is counted in."""

    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in one of the two units a rule may use."""

    value: Fraction
    unit: TimeUnit

    def __str__(self) -> str:
        return f"{show_exactly(self.value)} {self.unit.value}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a pain scale, such as 5 of 10: a share of the way from "no pain" to the worst."""

    value: Fraction
    top: Fraction

    @property
    def share(self) -> Fraction:
        """``value / top``: 5 of 10 and 50 of 100 are the same place."""
        return self.value / self.top

    def __str__(self) -> str:
        return f"{show_exactly(self.value)} of {show_exactly(self.top)}"


def parse_threshold(text: str) -> Fraction:
    """A share written as "50%" or "1/2", above 0 and at most 1. Raises ValueError with the remedy."""
    percent = _PERCENT.fullmatch(text)
    if percent or _RATIO.fullmatch(text):
        share = Fraction(percent[1]) / 100 if percent else Fraction(text)
        if 0 < share <= 1:
            return share
    raise ValueError(f'{text!r} is not a threshold; write a percent such as "50%" or a share such as "1/2"')


@cache
def display_threshold(threshold: Fraction) -> str:
    """The threshold as an exact percent: 1/2 is "50 %", 1/3 is "100/3 %"."""
    return f"{show_exactly(threshold * 100)} %"


def parse_place(text: str) -> Place:
    """A place on a scale written as "5 of 10" or "50 of 100". Raises ValueError with the remedy."""
    match = _PLACE.fullmatch(text)
    if match and Fraction(match[1]) <= Fraction(match[2]):
        return Place(Fraction(match[1]), Fraction(match[2]))
    raise ValueError(f'{text!r} is not a place on a scale; write it as "5 of 10" or "50 of 100"')


def parse_amount(text: str) -> Amount:
    """A size of change written as "10 points" or "30%". Raises ValueError with the remedy."""
    match = _AMOUNT.fullmatch(text)
    if match is None or Fraction(match[1]) == 0:
        raise ValueError(f'{text!r} is not a size of change; write it as "10 points" or "30%"')
    return Amount(Fraction(match[1]), Unit.PERCENT if match[2] == "%" else Unit.POINTS)


def parse_points(text: str) -> Fraction:
    """A score written as "21 points". Raises ValueError with the remedy."""
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2] == "%":
        raise ValueError(f'{text!r} is not a score; write it as "21 points"')
    return Fraction(match[1])


def parse_duration(text: str) -> Duration:
    """A length of time written as "3 days" or "48 hours". Raises ValueError with the remedy."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is not a length of time; write it as "3 days" or "48 hours"')
    return Duration(Fraction(match[1]), TimeUnit(match[2]))


def parse_number(text: str) -> Fraction:
    """A number written as "6" or "0.5". Raises ValueError with the remedy."""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f'{text!r} is not a number; write digits such as "6" or "0.5"')
    return Fraction(text)


def read_relation(section: Section, *, of: tuple[Relation, ...]) -> Relation:
    """The one relation that ``section`` gives a number for. Raises DocumentError for none or several."""
    given = [relation for relation in of if section.optional_text(relation.value) is not None]
    if len(given) != 1:
        known = " or ".join(relation.value for relation in of)
        raise section.error(of[0].value, f"is needed once; give {known}, and only one of them")
    return given[0]
