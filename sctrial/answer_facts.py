"""Criteria answered from what people recorded: stated relief, global change, time with leads, yes and no."""

from fractions import Fraction
from typing import Final

from sctrial.eligibility import fact_named
from sctrial.facts import Facts
from sctrial.figures import Figures
from sctrial.limits import Duration, Limit, Relation, TimeUnit, display_threshold
from sctrial.nodes import (
    Attested,
    Eligibility,
    GlobalChanged,
    NoStimulationDeficit,
    Satisfied,
    StatedRelief,
    TrialDuration,
)
from sctrial.reasons import ReasonCode
from sctrial.results import CriterionResult, against_limit, unanswered, yes_or_no
from sctrial.scales import show_exactly
from sctrial.seal import fraction_text

_HOURS_A_DAY: Final = 24
_STEPS: Final = {
    3: "very much better",
    2: "much better",
    1: "minimally better",
    0: "no change",
    -1: "minimally worse",
    -2: "much worse",
    -3: "very much worse",
}


def answer_stated_relief(node: StatedRelief, figures: Figures) -> CriterionResult:
    """Met when the percent that the patient states reaches the threshold, boundary included."""
    stated = figures.facts.stated_relief
    if stated is None:
        return unanswered(node, ReasonCode.STATED_RELIEF_MISSING)
    limit = Limit(Relation.AT_LEAST, node.threshold * 100)
    asked = display_threshold(node.threshold)
    return against_limit(
        node,
        limit.holds(stated),
        subject="the relief that the patient states",
        value=f"{show_exactly(stated)} %",
        asked=f"at least {asked}",
        exact=fraction_text(stated),
        threshold=f">= {asked}",
    )


def answer_global_change(node: GlobalChanged, figures: Figures) -> CriterionResult:
    """Met when the answer lies that many steps above "no change", whichever way the form runs."""
    change = figures.facts.global_change
    if change is None:
        return unanswered(node, ReasonCode.GLOBAL_CHANGE_MISSING)
    return against_limit(
        node,
        change.steps >= node.steps,
        subject="the global impression of change",
        value=_STEPS[change.steps],
        asked=f"at least {_STEPS[node.steps]}",
        exact=fraction_text(change.steps),
        threshold=f">= {_STEPS[node.steps]}",
    )


def answer_duration(node: TrialDuration, figures: Figures) -> CriterionResult:
    """Met when the leads were in long enough.

    Days are calendar days between placing and removing. From days alone hours lie within a day on either
    side, and where that leaves the answer open it is not evaluable.
    """
    answered = _IN[node.duration.unit](node, figures.facts)
    if isinstance(answered, ReasonCode):
        return unanswered(node, answered, subject=f"{figures.facts.lead_days} days")
    met, shown, exact = answered
    asked = f"{node.relation.words} {node.duration}"
    return against_limit(
        node,
        met,
        subject="the leads were in",
        value=shown,
        asked=asked,
        exact=fraction_text(exact),
        threshold=f"{node.relation.sign} {node.duration}",
    )


_Length = tuple[bool, str, Fraction]


def _in_days(node: TrialDuration, facts: Facts) -> _Length | ReasonCode:
    if facts.lead_days is None:
        return ReasonCode.TRIAL_DURATION_MISSING
    days = Fraction(facts.lead_days)
    met = Limit(node.relation, node.duration.value).holds(days)
    return met, str(Duration(days, TimeUnit.DAYS)), days


def _in_hours(node: TrialDuration, facts: Facts) -> _Length | ReasonCode:
    limit = Limit(node.relation, node.duration.value)
    if facts.lead_hours is not None:
        hours = facts.lead_hours
        return limit.holds(hours), str(Duration(hours, TimeUnit.HOURS)), hours
    if facts.lead_days is None:
        return ReasonCode.TRIAL_DURATION_MISSING
    days = Fraction(facts.lead_days)
    # Placed late and removed early, or the other way round: more than one day less, less than one more.
    fewest, most = max(days - 1, Fraction(0)) * _HOURS_A_DAY, (days + 1) * _HOURS_A_DAY
    if fewest >= limit.value and days > 1:
        return True, str(Duration(days, TimeUnit.DAYS)), fewest
    if most <= limit.value:
        return False, str(Duration(days, TimeUnit.DAYS)), most
    return ReasonCode.TRIAL_HOURS_MISSING


_IN: Final = {TimeUnit.DAYS: _in_days, TimeUnit.HOURS: _in_hours}


def answer_satisfied(node: Satisfied, figures: Figures) -> CriterionResult:
    """Met when the patient said to be satisfied; not asked yet is not "no"."""
    if figures.satisfied is None:
        return unanswered(node, ReasonCode.SATISFACTION_MISSING)
    code = ReasonCode.SATISFIED if figures.satisfied else ReasonCode.NOT_SATISFIED
    return yes_or_no(node, figures.satisfied, code, value=figures.satisfied, wanted=True)


def answer_deficit(node: NoStimulationDeficit, figures: Figures) -> CriterionResult:
    """Met when it is recorded that there was none."""
    deficit = figures.facts.stimulation_deficit
    if deficit is None:
        return unanswered(node, ReasonCode.DEFICIT_MISSING)
    code = ReasonCode.DEFICIT_PRESENT if deficit else ReasonCode.DEFICIT_FREE
    return yes_or_no(node, not deficit, code, value=deficit, wanted=False)


def answer_eligibility(node: Eligibility, figures: Figures) -> CriterionResult:
    """Met when the named fact is as the rule asks; a number within its limit, boundary included."""
    fact = fact_named(node.fact)
    given = figures.facts.eligibility.get(node.fact)
    if given is None:
        return unanswered(node, ReasonCode.FACT_MISSING, subject=fact.label, who=fact.who)
    if isinstance(node.expected, bool):
        met = given is node.expected
        code = ReasonCode.FACT_AS_ASKED if met else ReasonCode.FACT_NOT_AS_ASKED
        return yes_or_no(node, met, code, value=bool(given), wanted=node.expected)
    limit, number = node.expected, Fraction(given)
    return against_limit(
        node,
        limit.holds(number),
        subject=fact.label,
        value=f"{show_exactly(number)} {fact.unit}",
        asked=f"{limit.relation.words} {show_exactly(limit.value)} {fact.unit}",
        exact=fraction_text(number),
        threshold=f"{limit.relation.sign} {show_exactly(limit.value)} {fact.unit}",
    )


def answer_attested(node: Attested, figures: Figures) -> CriterionResult:
    """Met when the statement is recorded as made; what no figure can show is never computed."""
    given = figures.facts.attested.get(node.statement)
    if given is None:
        return unanswered(node, ReasonCode.STATEMENT_MISSING, subject=node.asks, who=node.who)
    code = ReasonCode.ATTESTED if given else ReasonCode.NOT_ATTESTED
    return yes_or_no(node, given, code, value=given, wanted=True)
