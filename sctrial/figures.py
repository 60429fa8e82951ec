"""What criteria are answered from: the figures of each window, and the facts beside the diary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sctrial.evidence import Analgesics
from sctrial.facts import NO_FACTS, Facts
from sctrial.nodes import OwnWindows, PainCriterion, PainReduction, Pair
from sctrial.scales import ScaleCode
from sctrial.windows import WindowFigures


@dataclass(frozen=True, slots=True)
class PairFigures:
    """The two windows of one region and one kind of score."""

    baseline: WindowFigures
    trial: WindowFigures


#: A region and kind under windows that a rule fixes itself.
WindowedPair = tuple[Pair, OwnWindows]


@dataclass(frozen=True, slots=True)
class Further:
    """What rules ask for beyond the trial's own windows, drugs and satisfaction.

    ``scale`` gives a level its place; without it a criterion about a level is not evaluable.
    """

    scale: ScaleCode | None = None
    facts: Facts = NO_FACTS
    by_window: Mapping[WindowedPair, PairFigures] = field(default_factory=dict)


#: One for all: whole cohorts have nothing beside the diary, and making it anew would cost each trial.
NOTHING_FURTHER: Final = Further()


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a rule set asks of the evidence, as numbers."""

    by_pair: Mapping[Pair, PairFigures]
    analgesics: Analgesics = field(default_factory=Analgesics)
    satisfied: bool | None = None
    further: Further = NOTHING_FURTHER

    @property
    def facts(self) -> Facts:
        """The facts beside the diary."""
        return self.further.facts

    def pair_of(self, node: PainCriterion) -> PairFigures:
        """The windows that ``node`` looks at. Raises KeyError when they were not made."""
        if isinstance(node, PainReduction) and node.windows is not None:
            return self.further.by_window[(node.pair, node.windows)]
        return self.by_pair[node.pair]
