"""How sure a verdict is: the certainty of the reduction that it rests on."""

from datetime import date
from fractions import Fraction
from typing import Final

from sctrial.certainty import Certainty, compute_certainty, days_within
from sctrial.criteria import RuleSet
from sctrial.evidence import Evidence
from sctrial.nodes import PainReduction, walk
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, TARGET, ScoreKind
from sctrial.verdict import Verdict
from sctrial.windows import WindowFigures, compute_day_values

#: The threshold whose probability is told when a rule names none. A default of this project.
USUAL_THRESHOLD: Final = Fraction(1, 2)


def certainty_of(evidence: Evidence, *, verdict: Verdict, rule_set: RuleSet) -> Certainty:
    """Interval of the percent reduction, and probability that the true one reaches the rule's threshold.

    On the daily values of the two windows that ``verdict`` sums up, in the decision region and the rule
    set's own kind of score. What a missing side or a baseline of 0 gives: see ``compute_certainty``.
    """
    kind = rule_set.score_kind
    return compute_certainty(
        _days(evidence, DiaryPhase.BASELINE, kind, within=verdict.baseline),
        trial=_days(evidence, DiaryPhase.TRIAL, kind, within=verdict.trial),
        threshold=threshold_of(rule_set),
        scale=SCALES[evidence.protocol.scale],
    )


def threshold_of(rule_set: RuleSet) -> Fraction:
    """The share by which the decision region's pain must fall; one half where the rule names none."""
    leaves = (node for node in walk(rule_set.root) if isinstance(node, PainReduction))
    about_target = (
        leaf.threshold for leaf in leaves if (leaf.region, leaf.kind) == (TARGET, rule_set.score_kind)
    )
    return next(about_target, USUAL_THRESHOLD)


def _days(
    evidence: Evidence, phase: DiaryPhase, kind: ScoreKind, *, within: WindowFigures
) -> dict[date, Fraction]:
    wanted = (phase, TARGET, kind)
    entries = (entry for entry in evidence.entries if (entry.phase, entry.region, entry.kind) == wanted)
    return days_within(compute_day_values(entries, several=evidence.protocol.several), figures=within)
