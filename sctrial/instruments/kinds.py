"""What an instrument is: codes of its items, how its scores are made, what they may be. No item text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from sctrial.scales import show_exactly
from sctrial.sources import Source


class Licence(StrEnum):
    """What the holder lets a project like this one ship."""

    OPEN = "G"
    CODES_ONLY = "A"
    TOTAL_ONLY = "R"

    @property
    def meaning(self) -> str:
        """The class in words."""
        return _LICENCE_MEANING[self]


_LICENCE_MEANING: Final = {
    Licence.OPEN: "may be used freely; own wording or the holder's with its notice",
    Licence.CODES_ONLY: "scored here by item codes; the site brings the licensed wording",
    Licence.TOTAL_ONLY: "neither wording nor scoring key here; a total may be stored",
}


class Better(StrEnum):
    """Which end of a score is the good one."""

    LOWER = "lower"
    HIGHER = "higher"


class Combine(StrEnum):
    """How answers become a raw score."""

    SUM = "sum"
    MEAN = "mean"
    #: 100 * sum / (most * answered): a percent of what the answered items could reach.
    PERCENT_OF_ANSWERED = "percent_of_answered"


class OffScore(ValueError):
    """A score that its instrument does not have; the message names score, range and remedy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a score is made from items: ``fewest`` answered items, and a recoding of single answers."""

    items: tuple[str, ...]
    combine: Combine
    fewest: int
    most: int = 0
    recode: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def compute(self, answers: Mapping[str, int]) -> Fraction | None:
        """The score of ``answers`` (item to answer, unanswered items left out); None with too few."""
        given = [self._recoded(item, answers[item]) for item in self.items if item in answers]
        if len(given) < self.fewest:
            return None
        if self.combine is Combine.SUM:
            return Fraction(sum(given))
        if self.combine is Combine.MEAN:
            return Fraction(sum(given), len(given))
        return Fraction(100 * sum(given), self.most * len(given))

    def _recoded(self, item: str, answer: int) -> int:
        return self.recode[item][answer] if item in self.recode else answer


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of a score, from ``lowest`` up to the next band."""

    lowest: Fraction
    label: str


@dataclass(frozen=True, slots=True)
class Bands:
    """Bands in ascending order with their source."""

    bands: tuple[Band, ...]
    source: Source

    def of(self, value: Fraction) -> str:
        """The label of the band that holds ``value``; a value between two printed ranges is in the lower."""
        return [band.label for band in self.bands if band.lowest <= value][-1]


@dataclass(frozen=True, slots=True)
class SmallestChange:
    """A smallest change that matters to patients, in points of the score, with its source."""

    points: Fraction
    source: Source


@dataclass(frozen=True, slots=True)
class Score:
    """One score: its range in points, which end is better, how it is made; no rule: stored as a total.

    ``minimum`` and ``maximum`` are None where a loaded table decides. ``whole`` refuses fractions.
    """

    code: str
    label: str
    minimum: Fraction | None
    maximum: Fraction | None
    better: Better
    rule: Rule | None = None
    whole: bool = True
    bands: Bands | None = None
    smallest_change: SmallestChange | None = None

    def require(self, value: Fraction) -> Fraction:
        """``value`` unchanged when the score can have it, else OffScore."""
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise OffScore(f"{show_exactly(value)} is outside {self.code}: write a score {self._range()}")
        if self.whole and value.denominator != 1:
            raise OffScore(f"{show_exactly(value)} is not a score of {self.code}: it has whole points only")
        return value

    def improvement(self, before: Fraction, after: Fraction) -> Fraction:
        """Points by which the score got better; negative when it got worse."""
        return before - after if self.better is Better.LOWER else after - before

    def _range(self) -> str:
        ends = (("from", self.minimum), ("to", self.maximum))
        return " ".join(f"{word} {show_exactly(end)}" for word, end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class Alert:
    """An answer that staff must see at once, whatever the total: ``item`` above ``above``."""

    item: str
    above: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument: item codes, the ends of an answer, its scores, and what a missing item means.

    ``several`` lets an item hold several marked answers, of which the highest counts.
    """

    code: str
    label: str
    licence: Licence
    holder: str
    items: tuple[str, ...]
    lowest: int
    highest: int
    missing: Source
    scores: tuple[Score, ...]
    sources: tuple[Source, ...]
    ends: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    several: bool = False
    alerts: tuple[Alert, ...] = ()

    def ends_of(self, item: str) -> tuple[int, int]:
        """Lowest and highest answer of ``item``."""
        return self.ends.get(item, (self.lowest, self.highest))


def numbered(prefix: str, count: int) -> tuple[str, ...]:
    """Item codes ``prefix_1`` to ``prefix_<count>``."""
    return tuple(f"{prefix}_{number}" for number in range(1, count + 1))


def bands(source: Source, *steps: tuple[int, str]) -> Bands:
    """Bands from pairs of lowest value and label."""
    return Bands(tuple(Band(Fraction(lowest), label) for lowest, label in steps), source)
