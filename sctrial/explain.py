"""The verdict in sentences that a clinician can read aloud; nothing here computes, everything is told."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from sctrial.criteria import RuleSet
from sctrial.evaluate import CriterionResult
from sctrial.kleene import Answer
from sctrial.readout import Judged, certainty_line, robustness_line
from sctrial.reasons import ReasonCode
from sctrial.reduction import display_mean, display_percent_at
from sctrial.verdict import Verdict
from sctrial.windows import WindowFigures

_ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.MET: "The rule is met.",
    Answer.NOT_MET: "The rule is not met.",
    Answer.NOT_EVALUABLE: "Whether the rule is met cannot be said from what is recorded.",
}
_REPLIES: Final[Mapping[Answer, str]] = {
    Answer.MET: "yes",
    Answer.NOT_MET: "no",
    Answer.NOT_EVALUABLE: "cannot be said",
}
_WITH_PERCENT: Final = frozenset({ReasonCode.THRESHOLD_REACHED, ReasonCode.THRESHOLD_NOT_REACHED})


def explain(judged: Judged, *, rule_set: RuleSet) -> Iterator[str]:
    """Sentences about one patient: the answer, the diary, each criterion, what is missing, how sure it is.

    A figure that does not exist is said not to exist. The percent stands in the sentence of the criterion
    that asks for it, printed on the side of the threshold where it is: 49.996 % is never read as 50 %.
    """
    verdict = judged.verdict
    yield f"{judged.patient}, judged by the rule {rule_set.id}, version {rule_set.version}: {rule_set.title}."
    yield _ANSWERS[verdict.answer]
    yield from _diary(verdict, kind=rule_set.score_kind.value)
    for leaf in leaves(verdict.criteria):
        yield f"{leaf.label}: {_REPLIES[leaf.answer]}. {leaf.text}"
    yield from _still_needed(verdict.criteria)
    yield certainty_line(judged.certainty)
    yield robustness_line(judged.robustness)


def leaves(result: CriterionResult) -> Iterator[CriterionResult]:
    """The criteria that look at evidence, in the order of the rule; those that only combine are left out."""
    if not result.children:
        yield result
    for child in result.children:
        yield from leaves(child)


def _diary(verdict: Verdict, *, kind: str) -> Iterator[str]:
    yield _side(verdict.baseline, when="Before the trial,", kind=kind)
    yield _side(verdict.trial, when="In the trial,", kind=kind)
    exact = verdict.reduction.exact
    if exact is not None and not any(leaf.code in _WITH_PERCENT for leaf in leaves(verdict.criteria)):
        yield f"The percent reduction is {display_percent_at(exact, threshold=Fraction(1, 2))}."


def _side(figures: WindowFigures, *, when: str, kind: str) -> str:
    if figures.mean is None:
        return f"{when} there is no score of {kind} target pain in the window."
    counted = "1 day counts" if figures.days == 1 else f"{figures.days} days count"
    missing = _MISSING.get(figures.missing_days, f"{figures.missing_days} days are missing")
    return f"{when} {kind} target pain was {display_mean(figures.mean)}: {counted} and {missing}."


_MISSING: Final[Mapping[int, str]] = {0: "none is missing", 1: "1 day is missing"}


def _still_needed(result: CriterionResult) -> Iterator[str]:
    gaps = dict.fromkeys(leaf.missing for leaf in leaves(result) if leaf.missing is not None)
    for gap in gaps:
        yield f"Still needed: {gap.what}. Who can supply it: {gap.who}."
