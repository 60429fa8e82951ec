"""Whole cohorts in blocks: every rule's answer, the exact reduction and its certainty, without sentences.

The twin of ``sctrial.side_by_side.judge_all`` with ``sctrial.assurance.certainty_of``: answers and reductions
are the same, certainty is within 1e-12. Memory is bounded by the block; a cohort is any number of them.

A question that several rules put is answered once a trial. How far pain fell is answered on columns, all
else by ``sctrial.evaluate``; how answers combine is looked up once for each pattern that occurs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sctrial.assurance import threshold_of
from sctrial.bulk_certainty import compute_block_certainty
from sctrial.certainty_frame import CertaintyColumns
from sctrial.criteria import RuleSet
from sctrial.diary import compute_figures, derive_answer, derive_window_days
from sctrial.evaluate import Figures, combine_answers, evaluate
from sctrial.evidence import Analgesics, Protocol
from sctrial.facts import Facts
from sctrial.kleene import Answer
from sctrial.nodes import Criterion, PainCriterion, PainReduction, Pair, children_of, walk
from sctrial.reduction import Reduction, compute_percent_reduction
from sctrial.scales import TARGET, ScoreKind
from sctrial.verdict import with_windows

#: An answer is held as its place in this tuple.
ANSWERS: Final = tuple(Answer)

Answers = npt.NDArray[np.int8]
_CODES: Final = {answer: place for place, answer in enumerate(ANSWERS)}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What ``judge`` and ``certainty_of`` say of each trial under each rule.

    ``answers`` has a row a trial and a column a rule, as places in ``ANSWERS``. Reduction and certainty are
    those of the decision region: they depend on the rule only by its kind of score and its threshold.
    """

    rules: tuple[RuleSet, ...]
    answers: Answers
    reductions: Mapping[ScoreKind, tuple[Reduction, ...]]
    certainty: Mapping[tuple[ScoreKind, Fraction], CertaintyColumns]

    def answers_of(self, rule: RuleSet) -> tuple[Answer, ...]:
        """The answer of ``rule`` for each trial. Raises ValueError for a rule that was not asked."""
        return tuple(ANSWERS[code] for code in self.answers[:, self.rules.index(rule)].tolist())

    def reductions_of(self, rule: RuleSet) -> tuple[Reduction, ...]:
        """The exact percent reduction under ``rule`` of each trial, or why there is none."""
        return self.reductions[rule.score_kind]

    def certainty_of(self, rule: RuleSet) -> CertaintyColumns:
        """Interval and probability at the threshold of ``rule``; NaN where there is no figure."""
        return self.certainty[rule.score_kind, threshold_of(rule)]


def judge_block(
    frame: pd.DataFrame,
    *,
    protocols: Sequence[Protocol],
    rules: Iterable[RuleSet],
    analgesics: Sequence[Analgesics],
    satisfied: Sequence[bool | None],
    facts: Sequence[Facts],
) -> Block:
    """Every trial of ``frame`` under each of ``rules``, in their order, a rule given twice judged once.

    Trials are numbered by their place in ``protocols``. Raises WrongColumns, ReportOnlyWindow.
    """
    asked = tuple({rule.digest: rule for rule in rules}.values())
    questions = {_question(leaf): leaf for rule in asked for leaf in _leaves(rule.root)}
    kinds = sorted({rule.score_kind for rule in asked})
    figures = compute_figures(
        frame,
        protocols=protocols,
        pairs=_pairs(kinds, questions),
        analgesics=analgesics,
        satisfied=satisfied,
        facts=facts,
    )
    columns = {
        question: _fallen(leaf, frame, protocols) if isinstance(leaf, PainReduction) else _each(leaf, figures)
        for question, leaf in questions.items()
    }
    answers = np.empty((len(protocols), len(asked)), np.int8)
    for number, rule in enumerate(asked):
        answers[:, number] = _conclude(rule.root, columns)
    return Block(
        rules=asked,
        answers=answers,
        reductions={kind: tuple(_reductions(figures, (TARGET, kind))) for kind in kinds},
        certainty=_certainty(frame, protocols, asked),
    )


def _leaves(root: Criterion) -> Iterator[Criterion]:
    return (node for node in walk(root) if not children_of(node))


def _question(leaf: Criterion) -> Criterion:
    # Two rules that ask the same under other names get the same answer.
    return replace(leaf, id="", label="")


def _pairs(kinds: Iterable[ScoreKind], leaves: Iterable[Criterion]) -> list[Pair]:
    on_figures = (
        leaf for leaf in leaves if isinstance(leaf, PainCriterion) and not isinstance(leaf, PainReduction)
    )
    return sorted({(TARGET, kind) for kind in kinds} | {leaf.pair for leaf in on_figures})


def _fallen(leaf: PainReduction, frame: pd.DataFrame, protocols: Sequence[Protocol]) -> Answers:
    if leaf.windows is not None:
        own = {protocol: with_windows(protocol, own=leaf.windows) for protocol in set(protocols)}
        protocols = [own[protocol] for protocol in protocols]
    answer = derive_answer(frame, protocols=protocols, pair=leaf.pair, threshold=leaf.threshold)
    return answer.cat.codes.to_numpy().astype(np.int8)


def _each(leaf: Criterion, figures: Sequence[Figures]) -> Answers:
    codes = (_CODES[evaluate(leaf, figures=of_trial).answer] for of_trial in figures)
    return np.fromiter(codes, np.int8, len(figures))


def _conclude(root: Criterion, columns: Mapping[Criterion, Answers]) -> Answers:
    leaves = list(_leaves(root))
    given = np.stack([columns[_question(leaf)] for leaf in leaves], axis=1)
    patterns, used = np.unique(given, axis=0, return_inverse=True)
    place = {leaf.id: number for number, leaf in enumerate(leaves)}
    codes = [_CODES[_combined(root, place, pattern)] for pattern in patterns.tolist()]
    return np.array(codes, np.int8)[used.reshape(-1)]


def _combined(root: Criterion, place: Mapping[str, int], pattern: Sequence[int]) -> Answer:
    return combine_answers(root, leaf=lambda leaf: ANSWERS[pattern[place[leaf.id]]])


def _reductions(figures: Iterable[Figures], pair: Pair) -> Iterator[Reduction]:
    sides = (of_trial.by_pair[pair] for of_trial in figures)
    return (compute_percent_reduction(side.baseline.mean, trial_mean=side.trial.mean) for side in sides)


def _certainty(
    frame: pd.DataFrame, protocols: Sequence[Protocol], rules: Iterable[RuleSet]
) -> dict[tuple[ScoreKind, Fraction], CertaintyColumns]:
    thresholds: dict[ScoreKind, set[Fraction]] = {}
    for rule in rules:
        thresholds.setdefault(rule.score_kind, set()).add(threshold_of(rule))
    scales = [protocol.scale for protocol in protocols]
    return {
        (kind, threshold): columns
        for kind, of_kind in sorted(thresholds.items())
        for threshold, columns in compute_block_certainty(
            derive_window_days(frame, protocols=protocols, pair=(TARGET, kind)),
            scales=scales,
            thresholds=sorted(of_kind),
        ).items()
    }
