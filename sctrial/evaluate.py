"""Each kind of criterion answered from figures, with the sentence that says why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from sctrial.evidence import Analgesics
from sctrial.kleene import Answer, all_of, any_of, at_least, negate
from sctrial.nodes import (
    AllOf,
    AnalgesicNotIncreased,
    AnalgesicReduction,
    AnyOf,
    AtLeast,
    Criterion,
    Not,
    PainReduction,
    Pair,
    Satisfied,
    children_of,
    display_threshold,
)
from sctrial.reasons import SENTENCES, Missing, ReasonCode, missing_for
from sctrial.reduction import (
    NoPercent,
    compute_percent_reduction,
    display_mean,
    display_percent_at,
    is_reduced_by,
)
from sctrial.seal import fraction_text
from sctrial.windows import WindowFigures


@dataclass(frozen=True, slots=True)
class PairFigures:
    """The two windows of one region and one kind of score."""

    baseline: WindowFigures
    trial: WindowFigures


@dataclass(frozen=True, slots=True)
class Figures:
    """All that a rule set asks of the evidence, as numbers."""

    by_pair: Mapping[Pair, PairFigures]
    analgesics: Analgesics = field(default_factory=Analgesics)
    satisfied: bool | None = None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion answered.

    ``value`` and ``threshold`` are for reading; ``exact`` is "a/b": percent, or MME a day more than before.
    """

    id: str
    label: str
    answer: Answer
    code: ReasonCode
    text: str
    value: str | None = None
    exact: str | None = None
    threshold: str | None = None
    missing: Missing | None = None
    children: tuple["CriterionResult", ...] = ()

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        missing = self.missing and {"what": self.missing.what, "who": self.missing.who}
        return {
            "id": self.id,
            "label": self.label,
            "answer": self.answer.value,
            "code": self.code.value,
            "text": self.text,
            "value": self.value,
            "exact": self.exact,
            "threshold": self.threshold,
            "missing": missing,
            "children": [child.canonical() for child in self.children],
        }


def evaluate(node: Criterion, *, figures: Figures) -> CriterionResult:
    """The answer to ``node`` and all below it; a pain pair absent from ``figures`` raises KeyError."""
    return _EVALUATORS[type(node)](node, figures)


def _combined(node: Criterion, figures: Figures) -> CriterionResult:
    children = tuple(evaluate(child, figures=figures) for child in children_of(node))
    answers = [child.answer for child in children]
    rule, combine = _COMBINATIONS[type(node)]
    counts = {answer.value: answers.count(answer) for answer in Answer}
    text = SENTENCES[ReasonCode.COMBINED].format(rule=rule(node), **counts)
    answer = combine(node, answers)
    return CriterionResult(node.id, node.label, answer, ReasonCode.COMBINED, text, children=children)


def _pain(node: PainReduction, figures: Figures) -> CriterionResult:
    pair = figures.by_pair[(node.region, node.kind)]
    subject = f"{node.kind.value} {node.region} pain"
    sides = pair.baseline.mean, pair.trial.mean
    no_percent = compute_percent_reduction(sides[0], trial_mean=sides[1]).reason
    if no_percent is not None:
        return _unanswered(node, _PAIN_GAPS[no_percent], subject=subject)
    reached = is_reduced_by(
        node.threshold,
        baseline_total=pair.baseline.total,
        baseline_days=pair.baseline.days,
        trial_total=pair.trial.total,
        trial_days=pair.trial.days,
    )
    return _compared(node, reached, subject=subject, sides=sides)


def _analgesic_reduction(node: AnalgesicReduction, figures: Figures) -> CriterionResult:
    sides = figures.analgesics.baseline, figures.analgesics.trial
    if sides[0] is None or sides[1] is None:
        return _unanswered(node, ReasonCode.ANALGESICS_MISSING)
    if sides[0] == 0:
        return _unanswered(node, ReasonCode.ANALGESICS_BASELINE_ZERO)
    reached = is_reduced_by(
        node.threshold, baseline_total=sides[0], baseline_days=1, trial_total=sides[1], trial_days=1
    )
    return _compared(node, reached, subject="the daily analgesic dose", sides=sides, unit=" MME a day")


def _analgesic_not_increased(node: AnalgesicNotIncreased, figures: Figures) -> CriterionResult:
    before, after = figures.analgesics.baseline, figures.analgesics.trial
    if before is None or after is None:
        return _unanswered(node, ReasonCode.ANALGESICS_MISSING)
    # Unlike a percent, "not more than before" has an answer when nothing was taken at baseline.
    code = ReasonCode.ANALGESICS_INCREASED if after > before else ReasonCode.ANALGESICS_NOT_INCREASED
    shown = {"baseline": _dose(before), "trial": _dose(after)}
    return CriterionResult(
        node.id,
        node.label,
        _answer(after <= before),
        code,
        SENTENCES[code].format(**shown),
        value=f"{shown['baseline']} to {shown['trial']}",
        exact=fraction_text(after - before),
        threshold="no increase",
    )


def _satisfied(node: Satisfied, figures: Figures) -> CriterionResult:
    if figures.satisfied is None:
        return _unanswered(node, ReasonCode.SATISFACTION_MISSING)
    code = ReasonCode.SATISFIED if figures.satisfied else ReasonCode.NOT_SATISFIED
    value = "yes" if figures.satisfied else "no"
    answer = _answer(figures.satisfied)
    return CriterionResult(node.id, node.label, answer, code, SENTENCES[code], value=value, threshold="yes")


def _compared(
    node: PainReduction | AnalgesicReduction,
    reached: bool,
    *,
    subject: str,
    sides: tuple[Fraction | None, Fraction | None],
    unit: str = "",
) -> CriterionResult:
    percent = compute_percent_reduction(sides[0], trial_mean=sides[1]).exact or Fraction(0)
    code = ReasonCode.THRESHOLD_REACHED if reached else ReasonCode.THRESHOLD_NOT_REACHED
    threshold = display_threshold(node.threshold)
    value = display_percent_at(percent, threshold=node.threshold)
    text = _sentence(
        code,
        subject=subject,
        change=_change(percent, shown=value),
        baseline=display_mean(sides[0]) + unit,
        trial=display_mean(sides[1]) + unit,
        threshold=threshold,
    )
    return CriterionResult(
        node.id,
        node.label,
        _answer(reached),
        code,
        text,
        value=value,
        exact=fraction_text(percent),
        threshold=f">= {threshold}",
    )


def _sentence(code: ReasonCode, **parts: str) -> str:
    text = SENTENCES[code].format(**parts)
    return text[0].upper() + text[1:]


def _change(percent: Fraction, *, shown: str) -> str:
    if percent == 0:
        return "did not change"
    return f"fell by {shown}" if percent > 0 else f"rose by {shown.removeprefix('-')}"


def _dose(amount: Fraction) -> str:
    return f"{display_mean(amount)} MME a day"


def _answer(met: bool) -> Answer:
    return Answer.MET if met else Answer.NOT_MET


def _unanswered(node: Criterion, code: ReasonCode, *, subject: str = "") -> CriterionResult:
    missing = missing_for(code, subject=subject)
    text = _sentence(code, subject=subject)
    return CriterionResult(node.id, node.label, Answer.NOT_EVALUABLE, code, text, missing=missing)


_PAIN_GAPS: Final[Mapping[NoPercent, ReasonCode]] = MappingProxyType(
    {
        NoPercent.BASELINE_ZERO: ReasonCode.BASELINE_ZERO,
        NoPercent.BASELINE_MISSING: ReasonCode.NO_BASELINE_ENTRIES,
        NoPercent.TRIAL_MISSING: ReasonCode.NO_TRIAL_ENTRIES,
    }
)

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
        PainReduction: _pain,
        AnalgesicReduction: _analgesic_reduction,
        AnalgesicNotIncreased: _analgesic_not_increased,
        Satisfied: _satisfied,
    }
)
