"""Whole cohorts in blocks: every rule's answer, the exact reduction and its certainty, without sentences.

The twin of ``sctrial.side_by_side.judge_all`` with ``sctrial.assurance.certainty_of``: answers and reductions
are the same, certainty is within 1e-12. Memory is bounded by the block; a cohort is any number of them.

A question that several rules put is answered once a trial. How far pain fell is answered on columns, all
else by ``sctrial.evaluate``, once for all trials that it cannot tell apart (``sctrial.alike``); how answers
combine is looked up once for each pattern that occurs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sctrial.alike import Trials, number_alike, number_in_order
from sctrial.assurance import threshold_of
from sctrial.bulk_certainty import compute_block_certainty
from sctrial.certainty_frame import CertaintyColumns
from sctrial.criteria import RuleSet
from sctrial.diary import Diaries
from sctrial.evaluate import combine_answers
from sctrial.evidence import Analgesics, Protocol
from sctrial.facts import Facts
from sctrial.kleene import Answer
from sctrial.nodes import Criterion, PainReduction, children_of, walk
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
    diaries: Diaries
    certainty: Mapping[tuple[ScoreKind, Fraction], CertaintyColumns]

    def answers_of(self, rule: RuleSet) -> tuple[Answer, ...]:
        """The answer of ``rule`` for each trial. Raises ValueError for a rule that was not asked."""
        return tuple(ANSWERS[code] for code in self.answers[:, self.rules.index(rule)].tolist())

    def reductions_of(self, rule: RuleSet) -> tuple[Reduction, ...]:
        """The exact percent reduction under ``rule`` of each trial, or why there is none."""
        sides = self.diaries.all_pair_figures((TARGET, rule.score_kind))
        return tuple(
            compute_percent_reduction(side.baseline.mean, trial_mean=side.trial.mean) for side in sides
        )

    def percents_of(self, rule: RuleSet) -> list[str | None]:
        """The exact percent of each trial as ``Verdict.canonical`` writes it, "50/1"; None without one."""
        return self.diaries.percents((TARGET, rule.score_kind))

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
    diaries = Diaries.read(frame, protocols)
    trials = Trials(diaries, analgesics, satisfied, facts)
    columns = {
        question: _fallen(leaf, frame, diaries) if isinstance(leaf, PainReduction) else _told(leaf, trials)
        for question, leaf in questions.items()
    }
    answers = np.empty((len(protocols), len(asked)), np.int8)
    for number, rule in enumerate(asked):
        answers[:, number] = _conclude(rule.root, columns)
    return Block(asked, answers, diaries, _certainty(diaries, asked))


def _leaves(root: Criterion) -> Iterator[Criterion]:
    return (node for node in walk(root) if not children_of(node))


def _question(leaf: Criterion) -> Criterion:
    # Two rules that ask the same under other names get the same answer.
    return replace(leaf, id="", label="")


def _fallen(leaf: PainReduction, frame: pd.DataFrame, diaries: Diaries) -> Answers:
    if leaf.windows is not None:
        own = {protocol: with_windows(protocol, own=leaf.windows) for protocol in set(diaries.protocols)}
        diaries = Diaries.read(frame, [own[protocol] for protocol in diaries.protocols])
    return diaries.answers(leaf.pair, threshold=leaf.threshold).astype(np.int8)


def _told(leaf: Criterion, trials: Trials) -> Answers:
    return trials.answers(leaf).astype(np.int8)


def _conclude(root: Criterion, columns: Mapping[Criterion, Answers]) -> Answers:
    leaves = list(_leaves(root))
    used, first = number_in_order(number_alike(*(columns[_question(leaf)] for leaf in leaves)))
    place = {leaf.id: number for number, leaf in enumerate(leaves)}
    patterns = np.stack([columns[_question(leaf)][first] for leaf in leaves], axis=1)
    codes = [_CODES[_combined(root, place, pattern)] for pattern in patterns.tolist()]
    return np.array(codes, np.int8)[used]


def _combined(root: Criterion, place: Mapping[str, int], pattern: Sequence[int]) -> Answer:
    return combine_answers(root, leaf=lambda leaf: ANSWERS[pattern[place[leaf.id]]])


def _certainty(
    diaries: Diaries, rules: Iterable[RuleSet]
) -> dict[tuple[ScoreKind, Fraction], CertaintyColumns]:
    thresholds: dict[ScoreKind, set[Fraction]] = {}
    for rule in rules:
        thresholds.setdefault(rule.score_kind, set()).add(threshold_of(rule))
    scales = [protocol.scale for protocol in diaries.protocols]
    return {
        (kind, threshold): columns
        for kind, of_kind in sorted(thresholds.items())
        for threshold, columns in compute_block_certainty(
            diaries.days_of((TARGET, kind)), scales=scales, thresholds=sorted(of_kind)
        ).items()
    }
