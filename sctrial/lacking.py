"""What a rule set still lacks before the leads go in, while it can still be supplied."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sctrial.checklist import AFTER_LEADS
from sctrial.criteria import RuleSet
from sctrial.evaluate import CriterionResult, combine_answers, evaluate
from sctrial.evidence import Evidence
from sctrial.figures import Figures
from sctrial.kleene import Answer
from sctrial.nodes import (
    AllOf,
    Attested,
    Criterion,
    DiaryCompleteness,
    Eligibility,
    PainLevel,
    ScoreLevel,
    children_of,
    walk,
)
from sctrial.phases import DiaryPhase
from sctrial.verdict import figures_of

#: Statements of the shipped rules about the trial itself: nobody can make them before the leads go in.
STATED_AFTER: Final = frozenset(
    {
        "activity_stable",
        "daily_living_documented",
        "functional_improvement",
        "pain_relief_shown",
        "positive_trial",
        "significant_reduction",
        "successful_trial",
    }
)


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing a rule lacks: ``is_missing`` is not recorded, else it is recorded otherwise than asked.

    Where one of several would do, ``label`` names them all.
    """

    label: str
    text: str
    who: str
    is_missing: bool


def is_before_leads(node: Criterion) -> bool:
    """Whether the question can be answered before the leads go in."""
    if isinstance(node, Eligibility):
        return node.fact not in AFTER_LEADS
    if isinstance(node, Attested):
        return node.statement not in STATED_AFTER
    if isinstance(node, PainLevel | ScoreLevel | DiaryCompleteness):
        return node.when is DiaryPhase.BASELINE
    return False


def lacking_before_leads(evidence: Evidence, *, rule_set: RuleSet) -> tuple[Lack, ...]:
    """What ``rule_set`` lacks of what can be known before the leads go in, in the order of the rule.

    An alternative that the trial itself may still fulfil is not counted as lacking.
    """
    figures = figures_of(evidence, pairs=rule_set.pairs, windowed_pairs=rule_set.windowed_pairs)
    return tuple(_lacks(rule_set.root, figures))


def asks_before_leads(rule_set: RuleSet) -> bool:
    """Whether the rule asks for anything that can be known before the leads go in."""
    return any(is_before_leads(node) for node in walk(rule_set.root))


def statements_before(rules: Iterable[RuleSet]) -> dict[str, Attested]:
    """The statements these rules ask for before the leads go in, by name."""
    nodes = (node for rule in rules for node in walk(rule.root) if isinstance(node, Attested))
    return {node.statement: node for node in nodes if is_before_leads(node)}


def _lacks(node: Criterion, figures: Figures) -> list[Lack]:
    if isinstance(node, AllOf):
        return [lack for child in node.children for lack in _lacks(child, figures)]
    leaves = [leaf for leaf in walk(node) if not children_of(leaf)]
    if not all(is_before_leads(leaf) for leaf in leaves):
        return []
    answer = combine_answers(node, leaf=lambda leaf: evaluate(leaf, figures=figures).answer)
    if answer is Answer.MET:
        return []
    return [_lack(node, [evaluate(leaf, figures=figures) for leaf in leaves], answer)]


def _lack(node: Criterion, results: list[CriterionResult], answer: Answer) -> Lack:
    open_ones = [one for one in results if one.answer is not Answer.MET]
    who = dict.fromkeys(one.missing.who for one in open_ones if one.missing)
    label = node.label if len(results) == 1 else f"{node.label}: {' or '.join(one.label for one in results)}"
    return Lack(
        label=label,
        text=" ".join(one.text for one in open_ones),
        who=", ".join(who),
        is_missing=answer is Answer.NOT_EVALUABLE,
    )
