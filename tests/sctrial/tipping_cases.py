"""Trials and rules that the tests of missing days share."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import settings

from sctrial.criteria import RuleSet, rule_set
from sctrial.evidence import Evidence, Protocol
from sctrial.kleene import Answer
from sctrial.nodes import Criterion, PainReduction
from sctrial.scales import TARGET, ScoreKind
from tests.sctrial.diaries import evidence_of, protocol

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
HALF = F(1, 2)
MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE
NORTH, NORIDIAN = rule_set("NORTH_PP"), rule_set("MAC_NORIDIAN")
LAST_THREE = protocol(trial="last-n-days:3")


def trial(baseline: str, scores: str, *, under: Protocol | None = None) -> Evidence:
    return evidence_of(baseline, scores, mme=(60, 60), satisfied=True, under=under)


def with_missed(baseline: str, scores: str, *, missed: int) -> Evidence:
    """``scores`` on the last days of a window that has ``missed`` days before them."""
    return trial(baseline, scores, under=protocol(trial=f"last-n-days:{len(scores.split()) + missed}"))


def pain(threshold: F, *, name: str = "pain") -> PainReduction:
    return PainReduction(name, "Pain", TARGET, ScoreKind.AVERAGE, threshold)


def ruled_by(root: Criterion) -> RuleSet:
    return replace(NORTH, root=root)
