"""Criteria answered from the diary: how much pain fell, where it stands, whether there are enough days."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.figures import Figures
from sctrial.limits import Limit, Place, display_threshold
from sctrial.nodes import Criterion, DiaryCompleteness, PainCriterion, PainLevel, PainReduction
from sctrial.phases import DiaryPhase
from sctrial.reasons import ReasonCode
from sctrial.reduction import (
    NoPercent,
    compute_percent_reduction,
    display_mean,
    display_percent_at,
    is_reduced_by,
)
from sctrial.results import CriterionResult, against_limit, met_or_not, sentence, unanswered
from sctrial.scales import SCALES, ScaleCode, show_exactly
from sctrial.seal import fraction_text
from sctrial.windows import WindowFigures

_GAPS: Final[Mapping[NoPercent, ReasonCode]] = MappingProxyType(
    {
        NoPercent.BASELINE_ZERO: ReasonCode.BASELINE_ZERO,
        NoPercent.BASELINE_MISSING: ReasonCode.NO_BASELINE_ENTRIES,
        NoPercent.TRIAL_MISSING: ReasonCode.NO_TRIAL_ENTRIES,
    }
)
_NO_ENTRIES: Final = {
    DiaryPhase.BASELINE: ReasonCode.NO_BASELINE_ENTRIES,
    DiaryPhase.TRIAL: ReasonCode.NO_TRIAL_ENTRIES,
}
_WHEN: Final = {DiaryPhase.BASELINE: "at baseline", DiaryPhase.TRIAL: "in the trial"}

#: Baseline and trial side of a comparison, where both are known.
Sides = tuple[Fraction | None, Fraction | None]


def answer_pain_reduction(node: PainReduction, figures: Figures) -> CriterionResult:
    """Met when the mean fell by the threshold, boundary included; no percent without a baseline above 0."""
    pair = figures.pair_of(node)
    windows = "" if node.windows is None else f" ({node.windows})"
    subject = _subject(node) + windows
    sides = pair.baseline.mean, pair.trial.mean
    no_percent = compute_percent_reduction(sides[0], trial_mean=sides[1]).reason
    if no_percent is not None:
        return unanswered(node, _GAPS[no_percent], subject=subject)
    reached = is_reduced_by(
        node.threshold,
        baseline_total=pair.baseline.total,
        baseline_days=pair.baseline.days,
        trial_total=pair.trial.total,
        trial_days=pair.trial.days,
    )
    return fallen(node, reached, threshold=node.threshold, subject=subject, sides=sides)


def fallen(
    node: Criterion, reached: bool, *, threshold: Fraction, subject: str, sides: Sides, unit: str = ""
) -> CriterionResult:
    """``node`` answered, with the sentence "fell by x, from a to b"; both sides known, baseline above 0."""
    percent = compute_percent_reduction(sides[0], trial_mean=sides[1]).exact or Fraction(0)
    code = ReasonCode.THRESHOLD_REACHED if reached else ReasonCode.THRESHOLD_NOT_REACHED
    asked = display_threshold(threshold)
    value = display_percent_at(percent, threshold=threshold)
    text = sentence(
        code,
        subject=subject,
        change=_change(percent, shown=value),
        baseline=display_mean(sides[0]) + unit,
        trial=display_mean(sides[1]) + unit,
        threshold=asked,
    )
    return CriterionResult(
        node.id,
        node.label,
        met_or_not(reached),
        code,
        text,
        value=value,
        exact=fraction_text(percent),
        threshold=f">= {asked}",
    )


def _change(percent: Fraction, *, shown: str) -> str:
    if percent == 0:
        return "did not change"
    return f"fell by {shown}" if percent > 0 else f"rose by {shown.removeprefix('-')}"


def answer_pain_level(node: PainLevel, figures: Figures) -> CriterionResult:
    """Met when the mean stands at its place on the scale or beyond, boundary included; exact.

    A place is a share of the way from "no pain" to the worst, so a scale without a true zero has none.
    """
    window = _side(figures, node)
    place = _place_on(figures.further.scale, node.place)
    if place is None:
        return unanswered(node, ReasonCode.SCALE_HAS_NO_PLACE, subject=str(node.place))
    if window.mean is None:
        return unanswered(node, _NO_ENTRIES[node.when], subject=_subject(node))
    limit = Limit(node.relation, place)
    return against_limit(
        node,
        limit.holds(window.mean),
        subject=f"{_subject(node)} {_WHEN[node.when]}",
        value=limit.show(window.mean),
        asked=f"{node.relation.words} {show_exactly(place)} ({node.place})",
        exact=fraction_text(window.mean),
        threshold=f"{node.relation.sign} {show_exactly(place)}",
    )


def _place_on(code: ScaleCode | None, place: Place) -> Fraction | None:
    scale = None if code is None else SCALES[code]
    if scale is None or not scale.has_true_zero:
        return None
    return scale.minimum + place.share * (scale.maximum - scale.minimum)


def answer_completeness(node: DiaryCompleteness, figures: Figures) -> CriterionResult:
    """Met with enough days; a diary with too few is not evaluable, never "not met": days may still come."""
    window = _side(figures, node)
    width = window.days + window.missing_days
    if node.days is not None:
        enough, asked = window.days >= node.days, f"at least {node.days} days"
    else:
        share = node.share or Fraction(1)
        enough = width > 0 and window.days >= share * width
        asked = f"scores on at least {display_threshold(share)} of the days"
    value = f"{window.days} of {width} days"
    if not enough:
        found = f"{_subject(node)} {_WHEN[node.when]} has scores on {value}, the rule asks for {asked}"
        return unanswered(node, ReasonCode.DIARY_DAYS_MISSING, subject=found)
    return against_limit(
        node,
        True,
        subject=f"{_subject(node)} {_WHEN[node.when]}",
        value=value,
        asked=asked,
        exact=fraction_text(window.days),
        threshold=asked,
    )


def _side(figures: Figures, node: PainLevel | DiaryCompleteness) -> WindowFigures:
    pair = figures.pair_of(node)
    return pair.baseline if node.when is DiaryPhase.BASELINE else pair.trial


def _subject(node: PainCriterion) -> str:
    return f"{node.kind.value} {node.region} pain"
