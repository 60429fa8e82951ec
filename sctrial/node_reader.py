"""Criteria read from a document: every kind by its name, each with the keys it needs and no others."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

from sctrial import nodes
from sctrial.eligibility import UnknownFact, fact_named
from sctrial.instruments import UnknownScore, score_named
from sctrial.limits import (
    Limit,
    Relation,
    TimeUnit,
    Unit,
    parse_amount,
    parse_duration,
    parse_number,
    parse_place,
    parse_points,
    parse_threshold,
    read_relation,
)
from sctrial.nodes import Criterion
from sctrial.phases import DiaryPhase
from sctrial.scales import TARGET, ScoreKind
from sctrial.strict import Section
from sctrial.windows import Window, parse_window

#: No published rule is deeper than three; a rule typed in by a clinic must not exhaust the stack.
DEEPEST: Final = 20

_LEVELS: Final = (Relation.AT_LEAST, Relation.AT_MOST)
_DURATIONS: Final = (Relation.AT_LEAST, Relation.MORE_THAN)


class _Node(NamedTuple):
    """What every kind of criterion has; ``kind`` is the rule set's own score kind."""

    section: Section
    id: str
    label: str
    kind: ScoreKind


class GlobalStep(StrEnum):
    """How much better a patient says to be; the order counts the steps from "no change"."""

    MINIMALLY = "minimally"
    MUCH = "much"
    VERY_MUCH = "very_much"


def read_node(section: Section, *, kind: ScoreKind) -> Criterion:
    """The node in ``section`` with everything below it; ``kind`` is the rule set's own score kind."""
    if section.path.count(".of[") > DEEPEST:
        raise section.error("", f"lies more than {DEEPEST} levels deep; flatten the rule")
    name = section.text("criterion")
    if name not in _READERS:
        raise section.error("criterion", f"{name!r} is not known; use one of: {', '.join(_READERS)}")
    node = _READERS[name](_Node(section, section.name("id"), section.text("label"), kind))
    section.close()
    return node


def _children(node: _Node, *, fewest: int = 2) -> tuple[Criterion, ...]:
    children = tuple(read_node(child, kind=node.kind) for child in node.section.sections("of"))
    if len(children) < fewest:
        raise node.section.error("of", f"must list at least {fewest} criteria")
    return children


def _at_least(node: _Node) -> Criterion:
    n, children = node.section.count("n"), _children(node)
    if n > len(children):
        raise node.section.error("n", f"asks for {n} of {len(children)} criteria; lower it or list more")
    return nodes.AtLeast(node.id, node.label, n, children)


def _not(node: _Node) -> Criterion:
    children = _children(node, fewest=1)
    if len(children) != 1:
        raise node.section.error("of", "must list exactly one criterion; put several under all or any")
    return nodes.Not(node.id, node.label, children)


def _region_and_kind(node: _Node) -> tuple[str, ScoreKind]:
    region = node.section.optional_text("region") or TARGET
    return region, node.section.choice("kind", of=ScoreKind, default=node.kind)


def _threshold(node: _Node) -> Fraction:
    return node.section.parsed("threshold", parse_threshold)


def _pain_reduction(node: _Node) -> Criterion:
    own = nodes.OwnWindows(_own_window(node, "baseline_window"), _own_window(node, "trial_window"))
    windows = own if own.baseline or own.trial else None
    return nodes.PainReduction(node.id, node.label, *_region_and_kind(node), _threshold(node), windows)


def _own_window(node: _Node, key: str) -> Window | None:
    window = node.section.optional_parsed(key, parse_window)
    if window is not None and window.report_only:
        raise node.section.error(key, f"'{window}' picks the day by its result; use last-n-days")
    return window


def _pain_level(node: _Node) -> Criterion:
    when = node.section.choice("when", of=DiaryPhase, default=DiaryPhase.TRIAL)
    relation = read_relation(node.section, of=_LEVELS)
    place = node.section.parsed(relation.value, parse_place)
    return nodes.PainLevel(node.id, node.label, *_region_and_kind(node), when, relation, place)


def _minimum_baseline(node: _Node) -> Criterion:
    place = node.section.parsed(Relation.AT_LEAST.value, parse_place)
    where = _region_and_kind(node)
    return nodes.PainLevel(node.id, node.label, *where, DiaryPhase.BASELINE, Relation.AT_LEAST, place)


def _diary_completeness(node: _Node) -> Criterion:
    when = node.section.choice("when", of=DiaryPhase, default=DiaryPhase.TRIAL)
    share = node.section.optional_parsed(Relation.AT_LEAST.value, parse_threshold)
    days = node.section.optional_whole("days", least=1)
    if (share is None) == (days is None):
        raise node.section.error(
            "at_least", 'is needed once; give at_least such as "70%", or days, and not both'
        )
    return nodes.DiaryCompleteness(node.id, node.label, *_region_and_kind(node), when, share, days)


def _score_code(node: _Node) -> str:
    try:
        return score_named(node.section.text("score")).code
    except UnknownScore as error:
        raise node.section.error("score", str(error)) from error


def _score_change(node: _Node) -> Criterion:
    code, amount = _score_code(node), node.section.parsed(Relation.AT_LEAST.value, parse_amount)
    # A percent of a score whose scale does not begin at 0 depends on where the scale was put.
    if amount.unit is Unit.PERCENT and score_named(code).minimum != 0:
        raise node.section.error("at_least", f'{code} does not begin at 0; write points, such as "3 points"')
    return nodes.ScoreChange(node.id, node.label, code, amount)


def _score_level(node: _Node) -> Criterion:
    relation = read_relation(node.section, of=_LEVELS)
    limit = Limit(relation, node.section.parsed(relation.value, parse_points))
    when = node.section.choice("when", of=DiaryPhase)
    return nodes.ScoreLevel(node.id, node.label, _score_code(node), when, limit)


def _global_change(node: _Node) -> Criterion:
    step = node.section.choice("at_least", of=GlobalStep)
    return nodes.GlobalChanged(node.id, node.label, list(GlobalStep).index(step) + 1)


def _duration(node: _Node) -> Criterion:
    relation = read_relation(node.section, of=_DURATIONS)
    duration = node.section.parsed(relation.value, parse_duration)
    if relation is Relation.MORE_THAN and duration.unit is TimeUnit.DAYS:
        raise node.section.error("more_than", 'counts in hours; write "48 hours", or at_least with days')
    return nodes.TrialDuration(node.id, node.label, relation, duration)


def _eligibility(node: _Node) -> Criterion:
    try:
        fact = fact_named(node.section.text("fact"))
    except UnknownFact as error:
        raise node.section.error("fact", str(error)) from error
    expected = _expected_flag(node) if fact.unit is None else _expected_number(node)
    return nodes.Eligibility(node.id, node.label, fact.code, expected)


def _expected_flag(node: _Node) -> bool:
    given = node.section.optional_flag("expected")
    return True if given is None else given


def _expected_number(node: _Node) -> Limit:
    relation = read_relation(node.section, of=_LEVELS)
    return Limit(relation, node.section.parsed(relation.value, parse_number))


def _attested(node: _Node) -> Criterion:
    who = node.section.optional_text("who") or "the clinician"
    return nodes.Attested(node.id, node.label, node.section.name("statement"), node.section.text("asks"), who)


_READERS: Final[Mapping[str, Callable[[_Node], Criterion]]] = MappingProxyType(
    {
        "all": lambda node: nodes.AllOf(node.id, node.label, _children(node)),
        "any": lambda node: nodes.AnyOf(node.id, node.label, _children(node)),
        "at_least": _at_least,
        "not": _not,
        "pain_reduction": _pain_reduction,
        "pain_level": _pain_level,
        "minimum_baseline": _minimum_baseline,
        "diary_completeness": _diary_completeness,
        "stated_relief": lambda node: nodes.StatedRelief(node.id, node.label, _threshold(node)),
        "analgesic_reduction": lambda node: nodes.AnalgesicReduction(node.id, node.label, _threshold(node)),
        "analgesic_not_increased": lambda node: nodes.AnalgesicNotIncreased(node.id, node.label),
        "score_change": _score_change,
        "score_level": _score_level,
        "satisfied": lambda node: nodes.Satisfied(node.id, node.label),
        "global_change": _global_change,
        "minimum_trial_duration": _duration,
        "no_stimulation_deficit": lambda node: nodes.NoStimulationDeficit(node.id, node.label),
        "eligibility": _eligibility,
        "attested": _attested,
    }
)
