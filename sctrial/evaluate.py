"""Each kind of criterion answered from figures, with the sentence that says why."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sctrial import nodes
from sctrial.answer_amounts import (
    answer_analgesic_not_increased,
    answer_analgesic_reduction,
    answer_score_change,
    answer_score_level,
)
from sctrial.answer_diary import answer_completeness, answer_pain_level, answer_pain_reduction
from sctrial.answer_facts import (
    answer_attested,
    answer_deficit,
    answer_duration,
    answer_eligibility,
    answer_global_change,
    answer_satisfied,
    answer_stated_relief,
)
from sctrial.figures import Figures, Further, PairFigures
from sctrial.kleene import Answer, all_of, any_of, at_least, negate
from sctrial.nodes import AllOf, AnyOf, AtLeast, Criterion, Not, children_of
from sctrial.reasons import SENTENCES, ReasonCode
from sctrial.results import CriterionResult

__all__ = ["CriterionResult", "Figures", "Further", "PairFigures", "combine_answers", "evaluate"]


def evaluate(node: Criterion, *, figures: Figures) -> CriterionResult:
    """The answer to ``node`` and all below it; a pain pair absent from ``figures`` raises KeyError."""
    return _EVALUATORS[type(node)](node, figures)


def combine_answers(node: Criterion, *, leaf: Callable[[Criterion], Answer]) -> Answer:
    """The answer to ``node`` when ``leaf`` answers each criterion that has no children; no sentences.

    The answer of ``evaluate`` when ``leaf`` says what ``evaluate`` says of each.
    """
    if type(node) not in _COMBINATIONS:
        return leaf(node)
    _, combine = _COMBINATIONS[type(node)]
    return combine(node, [combine_answers(child, leaf=leaf) for child in children_of(node)])


def _combined(node: Criterion, figures: Figures) -> CriterionResult:
    children = tuple(evaluate(child, figures=figures) for child in children_of(node))
    answers = [child.answer for child in children]
    rule, combine = _COMBINATIONS[type(node)]
    counts = {answer.value: answers.count(answer) for answer in Answer}
    text = SENTENCES[ReasonCode.COMBINED].format(rule=rule(node), **counts)
    answer = combine(node, answers)
    return CriterionResult(node.id, node.label, answer, ReasonCode.COMBINED, text, children=children)


# The tables are keyed by node type, so each function gets the type it declares; the type checker
# cannot follow that through a mapping, hence Any for the node.
_Rule = Callable[[Any], str]
_Combine = Callable[[Any, list[Answer]], Answer]
_COMBINATIONS: Final[Mapping[type[Criterion], tuple[_Rule, _Combine]]] = MappingProxyType(
    {
        AllOf: (lambda _node: "All must be met", lambda _node, answers: all_of(answers)),
        AnyOf: (lambda _node: "One must be met", lambda _node, answers: any_of(answers)),
        AtLeast: (
            lambda node: f"At least {node.n} must be met",
            lambda node, answers: at_least(answers, n=node.n),
        ),
        Not: (lambda _node: "This must not be met", lambda _node, answers: negate(answers[0])),
    }
)

_EVALUATORS: Final[Mapping[type[Criterion], Callable[[Any, Figures], CriterionResult]]] = MappingProxyType(
    {
        AllOf: _combined,
        AnyOf: _combined,
        AtLeast: _combined,
        Not: _combined,
        nodes.PainReduction: answer_pain_reduction,
        nodes.PainLevel: answer_pain_level,
        nodes.DiaryCompleteness: answer_completeness,
        nodes.StatedRelief: answer_stated_relief,
        nodes.AnalgesicReduction: answer_analgesic_reduction,
        nodes.AnalgesicNotIncreased: answer_analgesic_not_increased,
        nodes.ScoreChange: answer_score_change,
        nodes.ScoreLevel: answer_score_level,
        nodes.GlobalChanged: answer_global_change,
        nodes.TrialDuration: answer_duration,
        nodes.Satisfied: answer_satisfied,
        nodes.NoStimulationDeficit: answer_deficit,
        nodes.Eligibility: answer_eligibility,
        nodes.Attested: answer_attested,
    }
)
