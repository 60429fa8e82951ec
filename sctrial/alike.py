"""Trials that a criterion cannot tell apart, so that it is asked once for all of them.

Groups are numbers, an element a trial. A criterion of a type that is not named here is asked for each trial.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from sctrial.columns import Codes, Ints
from sctrial.diary import Diaries
from sctrial.evaluate import Figures, Further, PairFigures, evaluate
from sctrial.evidence import Analgesics
from sctrial.facts import Facts
from sctrial.nodes import Criterion, DiaryCompleteness, PainCriterion, PainLevel, Pair
from sctrial.sides import CODES, Side
from sctrial.totals import Flags

_Told = tuple[Codes | Flags, ...]


@dataclass(frozen=True)
class Trials:
    """A block of trials: their diaries, and what is known beside each."""

    diaries: Diaries
    analgesics: Sequence[Analgesics]
    satisfied: Sequence[bool | None]
    facts: Sequence[Facts]

    def __len__(self) -> int:
        return len(self.diaries.protocols)

    @cached_property
    def beside(self) -> Ints:
        """Trials with the same scale and the very same objects beside the diary."""
        # To compare facts by what they say costs more than to ask about them; a caller that reads many
        # trials hands the same object to those of which the same is known.
        known = zip(self.diaries.protocols, self.analgesics, self.satisfied, self.facts, strict=True)
        groups: dict[tuple[object, ...], int] = {}
        keys = ((protocol.scale, id(doses), answer, id(facts)) for protocol, doses, answer, facts in known)
        return np.fromiter((groups.setdefault(key, len(groups)) for key in keys), np.int64, len(self))

    def answers(self, leaf: Criterion) -> Ints:
        """What ``evaluate`` answers to a criterion without children, a trial, as places in ``Answer``."""
        of_trial, first = number_in_order(self._groups(leaf))
        found = [evaluate(leaf, figures=figures).answer for figures in self._figures(leaf, trials=first)]
        return np.array([CODES[answer] for answer in found], np.int64)[of_trial]

    def _groups(self, leaf: Criterion) -> Ints:
        if not isinstance(leaf, PainCriterion):
            return self.beside
        if type(leaf) not in _TOLD_BY:
            return np.arange(len(self))
        assert isinstance(leaf, PainLevel | DiaryCompleteness)
        window = self.diaries.window_columns(leaf.pair)
        side = window.side(leaf.when)
        told = number_alike(self.beside, *_TOLD_BY[type(leaf)](side, window.missing_of(leaf.when)))
        # Where a total does not fit into columns the trial stands for itself.
        return np.where(side.fits, told, np.arange(len(self)) + len(self))

    def _figures(self, leaf: Criterion, *, trials: Ints) -> list[Figures]:
        chosen = trials.tolist()
        pairs: list[Mapping[Pair, PairFigures]] = [{} for _ in chosen]
        if isinstance(leaf, PainCriterion):
            found = self.diaries.some_pair_figures(leaf.pair, trials=trials)
            pairs = [{leaf.pair: figures} for figures in found]
        return [
            Figures(
                by_pair,
                self.analgesics[trial],
                self.satisfied[trial],
                further=Further(scale=self.diaries.protocols[trial].scale, facts=self.facts[trial]),
            )
            for trial, by_pair in zip(chosen, pairs, strict=True)
        ]


def number_alike(*columns: Codes | Flags) -> Ints:
    """A number an element, the same where all ``columns`` are the same; below the number of elements."""
    found: Ints = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        of_column = number_in_order(column)[0]
        # Both factors stay below the number of elements, which is below 2**31.
        found = number_in_order(found * (of_column.max(initial=0) + 1) + of_column)[0]
    return found


def number_in_order(column: Codes | Flags) -> tuple[Ints, Ints]:
    """The number of each element, different values numbered as they come, and where each value is first."""
    # By hashing: to sort the column for its different values would take most of the time.
    numbers = pd.factorize(column)[0].astype(np.int64)
    first = np.flatnonzero(numbers > np.maximum.accumulate(np.append(-1, numbers))[:-1])
    return numbers, first


def _mean_of(side: Side, _missing: Ints) -> _Told:
    parts = np.maximum(side.days, 1)
    common = np.maximum(np.gcd(side.numerator, parts), 1)
    return side.days > 0, side.numerator // common, side.denominator, parts // common


def _days_of(side: Side, missing: Ints) -> _Told:
    return side.days, missing


#: What the answer depends on, beside scale and facts.
_TOLD_BY: Final[Mapping[type[Criterion], Callable[[Side, Ints], _Told]]] = MappingProxyType(
    {PainLevel: _mean_of, DiaryCompleteness: _days_of}
)
