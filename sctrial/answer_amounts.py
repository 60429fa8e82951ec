"""Criteria answered from doses and scores: analgesics, change and level of an instrument's score."""

from fractions import Fraction
from typing import Final

from sctrial.answer_diary import fallen
from sctrial.figures import Figures
from sctrial.instruments import Better, score_named
from sctrial.limits import Limit, Relation, Unit
from sctrial.nodes import AnalgesicNotIncreased, AnalgesicReduction, Criterion, ScoreChange, ScoreLevel
from sctrial.phases import DiaryPhase
from sctrial.reasons import ReasonCode
from sctrial.reduction import display_mean, is_reduced_by
from sctrial.results import CriterionResult, against_limit, met_or_not, sentence, unanswered
from sctrial.scales import show_exactly
from sctrial.seal import fraction_text

_WHEN: Final = {DiaryPhase.BASELINE: "at baseline", DiaryPhase.TRIAL: "at the end of the trial"}


def answer_analgesic_reduction(node: AnalgesicReduction, figures: Figures) -> CriterionResult:
    """Met when MME a day fell by the threshold; no percent when nothing was taken at baseline."""
    before, after = figures.analgesics.baseline, figures.analgesics.trial
    if before is None or after is None:
        return _doses_missing(node, figures)
    if before == 0:
        return unanswered(node, ReasonCode.ANALGESICS_BASELINE_ZERO)
    reached = is_reduced_by(
        node.threshold, baseline_total=before, baseline_days=1, trial_total=after, trial_days=1
    )
    return fallen(
        node,
        reached,
        threshold=node.threshold,
        subject="the daily analgesic dose",
        sides=(before, after),
        unit=" MME a day",
    )


def answer_analgesic_not_increased(node: AnalgesicNotIncreased, figures: Figures) -> CriterionResult:
    """Met when MME a day did not rise; answerable also when nothing was taken at baseline."""
    before, after = figures.analgesics.baseline, figures.analgesics.trial
    if before is None or after is None:
        return _doses_missing(node, figures)
    # Unlike a percent, "not more than before" has an answer when nothing was taken at baseline.
    code = ReasonCode.ANALGESICS_INCREASED if after > before else ReasonCode.ANALGESICS_NOT_INCREASED
    shown = {"baseline": _dose(before), "trial": _dose(after)}
    return CriterionResult(
        node.id,
        node.label,
        met_or_not(after <= before),
        code,
        sentence(code, **shown),
        value=f"{shown['baseline']} to {shown['trial']}",
        exact=fraction_text(after - before),
        threshold="no increase",
    )


def _doses_missing(node: Criterion, figures: Figures) -> CriterionResult:
    agents = ", ".join(figures.facts.not_converted)
    if agents:
        return unanswered(node, ReasonCode.ANALGESICS_NOT_CONVERTED, subject=agents)
    return unanswered(node, ReasonCode.ANALGESICS_MISSING)


def _dose(amount: Fraction) -> str:
    return f"{display_mean(amount)} MME a day"


def answer_score_change(node: ScoreChange, figures: Figures) -> CriterionResult:
    """Met when the score got better by the amount, boundary included; a worse score is a negative change."""
    score = score_named(node.score)
    known = figures.facts.scores.get(node.score)
    before, after = (None, None) if known is None else (known.baseline, known.trial)
    if before is None:
        return unanswered(node, ReasonCode.SCORE_MISSING, subject=f"{score.label} at baseline")
    if after is None:
        return unanswered(node, ReasonCode.SCORE_MISSING, subject=f"{score.label} at the end of the trial")
    gained = score.improvement(before, after)
    if node.amount.unit is Unit.PERCENT:
        if before == 0:
            return unanswered(node, ReasonCode.SCORE_BASELINE_ZERO, subject=score.label)
        gained = 100 * gained / before
    limit = Limit(Relation.AT_LEAST, node.amount.value)
    sign = "%" if node.amount.unit is Unit.PERCENT else "points"
    way = "lower" if score.better is Better.LOWER else "higher"
    return against_limit(
        node,
        limit.holds(gained),
        subject=f"{score.label} improved ({way} is better) from {display_mean(before)} to "
        f"{display_mean(after)}",
        value=f"{limit.show(gained)} {sign}",
        asked=f"an improvement of at least {node.amount}",
        exact=fraction_text(gained),
        threshold=f">= {node.amount}",
    )


def answer_score_level(node: ScoreLevel, figures: Figures) -> CriterionResult:
    """Met when the score stands at the number or beyond, boundary included."""
    score = score_named(node.score)
    known = figures.facts.scores.get(node.score)
    when = node.when is DiaryPhase.BASELINE
    value = None if known is None else known.baseline if when else known.trial
    subject = f"{score.label} {_WHEN[node.when]}"
    if value is None:
        return unanswered(node, ReasonCode.SCORE_MISSING, subject=subject)
    return against_limit(
        node,
        node.limit.holds(value),
        subject=subject,
        value=node.limit.show(value),
        asked=f"{node.limit.relation.words} {show_exactly(node.limit.value)}",
        exact=fraction_text(value),
        threshold=f"{node.limit.relation.sign} {show_exactly(node.limit.value)}",
    )
