"""The criteria a rule is made of: four ways to combine, and one type a question to the evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from sctrial.limits import Amount, Duration, Limit, Place, Relation, display_threshold, parse_threshold
from sctrial.phases import DiaryPhase
from sctrial.scales import ScoreKind
from sctrial.windows import Window

__all__ = [
    "AllOf",
    "AnalgesicNotIncreased",
    "AnalgesicReduction",
    "AnyOf",
    "AtLeast",
    "Attested",
    "Criterion",
    "DiaryCompleteness",
    "Eligibility",
    "GlobalChanged",
    "NoStimulationDeficit",
    "Not",
    "OwnWindows",
    "PainCriterion",
    "PainLevel",
    "PainReduction",
    "Pair",
    "Satisfied",
    "ScoreChange",
    "ScoreLevel",
    "StatedRelief",
    "TrialDuration",
    "children_of",
    "display_threshold",
    "parse_threshold",
    "walk",
]

#: A region and a kind of score: what a pain criterion looks at.
Pair = tuple[str, ScoreKind]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One node of a rule: ``id`` is unique within the rule set, ``label`` is for people."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class AllOf(Criterion):
    """Every child must be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Criterion):
    """One child must be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AtLeast(Criterion):
    """``n`` of the children must be met."""

    n: int
    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Not(Criterion):
    """The only child must not be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class OwnWindows:
    """Windows that a rule fixes itself; None leaves that side to the trial's own window."""

    baseline: Window | None
    trial: Window | None

    def __str__(self) -> str:
        return f"baseline {self.baseline or 'as agreed'}, trial {self.trial or 'as agreed'}"


@dataclass(frozen=True, slots=True)
class PainCriterion(Criterion):
    """A question to the diary about one region and one kind of score."""

    region: str
    kind: ScoreKind

    @property
    def pair(self) -> Pair:
        """The region and kind this criterion needs figures for."""
        return self.region, self.kind


@dataclass(frozen=True, slots=True)
class PainReduction(PainCriterion):
    """Mean pain of a region must fall by at least ``threshold`` (1/2 is 50 %), boundary included."""

    threshold: Fraction
    windows: OwnWindows | None = None


@dataclass(frozen=True, slots=True)
class PainLevel(PainCriterion):
    """Mean pain of a region must be at least or at most a place on the scale, boundary included."""

    when: DiaryPhase
    relation: Relation
    place: Place


@dataclass(frozen=True, slots=True)
class DiaryCompleteness(PainCriterion):
    """Enough days of a window must have a score: a share of its days (7/10), or a number of days."""

    when: DiaryPhase
    share: Fraction | None
    days: int | None


@dataclass(frozen=True, slots=True)
class StatedRelief(Criterion):
    """The relief that the patient states, in percent, must reach ``threshold`` (1/2 is 50 %)."""

    threshold: Fraction


@dataclass(frozen=True, slots=True)
class AnalgesicReduction(Criterion):
    """Daily analgesics (morphine milligram equivalents) must fall by at least ``threshold``."""

    threshold: Fraction


@dataclass(frozen=True, slots=True)
class AnalgesicNotIncreased(Criterion):
    """Daily analgesics must be the same or lower than at baseline."""


@dataclass(frozen=True, slots=True)
class ScoreChange(Criterion):
    """A score of an instrument must get better by at least ``amount``, points or percent of baseline."""

    score: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class ScoreLevel(Criterion):
    """A score of an instrument must stand at least or at most at a number, at baseline or in the trial."""

    score: str
    when: DiaryPhase
    limit: Limit


@dataclass(frozen=True, slots=True)
class GlobalChanged(Criterion):
    """The global impression of change must be at least ``steps`` above "no change" (1, 2 or 3)."""

    steps: int


@dataclass(frozen=True, slots=True)
class TrialDuration(Criterion):
    """The leads must have been in for at least, or for more than, a length of time."""

    relation: Relation
    duration: Duration


@dataclass(frozen=True, slots=True)
class Satisfied(Criterion):
    """The patient must have said that the relief is satisfying."""


@dataclass(frozen=True, slots=True)
class NoStimulationDeficit(Criterion):
    """No neurological deficit may have come from the stimulation."""


@dataclass(frozen=True, slots=True)
class Eligibility(Criterion):
    """A named fact from before the trial must be so: yes or no, or a number within a limit."""

    fact: str
    expected: bool | Limit


@dataclass(frozen=True, slots=True)
class Attested(Criterion):
    """Somebody named must have stated something that no figure can show."""

    statement: str
    asks: str
    who: str


def walk(node: Criterion) -> Iterator[Criterion]:
    """``node`` and everything below it, in the order of the rule."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def children_of(node: Criterion) -> tuple[Criterion, ...]:
    """The children of a node; a leaf has none."""
    return node.children if isinstance(node, AllOf | AnyOf | AtLeast | Not) else ()
