"""The criteria a rule is made of: types of node, their reading, their thresholds."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from sctrial.scales import TARGET, ScoreKind, show_exactly
from sctrial.strict import Section

#: A region and a kind of score: what a pain criterion looks at.
Pair = tuple[str, ScoreKind]

#: No published rule is deeper than three; a rule typed in by a clinic must not exhaust the stack.
DEEPEST: Final = 20

_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.ASCII)
_RATIO: Final = re.compile(r"[0-9]{1,6}/[1-9][0-9]{0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One node of a rule: ``id`` is unique within the rule set, ``label`` is for people."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class AllOf(Criterion):
    """Every child must be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Criterion):
    """One child must be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class AtLeast(Criterion):
    """``n`` of the children must be met."""

    n: int
    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Not(Criterion):
    """The only child must not be met."""

    children: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class PainReduction(Criterion):
    """Mean pain of a region must fall by at least ``threshold`` (1/2 is 50 %), boundary included."""

    region: str
    kind: ScoreKind
    threshold: Fraction


@dataclass(frozen=True, slots=True)
class AnalgesicReduction(Criterion):
    """Daily analgesics (morphine milligram equivalents) must fall by at least ``threshold``."""

    threshold: Fraction


@dataclass(frozen=True, slots=True)
class AnalgesicNotIncreased(Criterion):
    """Daily analgesics must be the same or lower than at baseline."""


@dataclass(frozen=True, slots=True)
class Satisfied(Criterion):
    """The patient must have said that the relief is satisfying."""


def walk(node: Criterion) -> Iterator[Criterion]:
    """``node`` and everything below it, in the order of the rule."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def children_of(node: Criterion) -> tuple[Criterion, ...]:
    """The children of a node; a leaf has none."""
    return node.children if isinstance(node, AllOf | AnyOf | AtLeast | Not) else ()


def parse_threshold(text: str) -> Fraction:
    """A share written as "50%" or "1/2", above 0 and at most 1. Raises ValueError with the remedy."""
    percent = _PERCENT.fullmatch(text)
    if percent or _RATIO.fullmatch(text):
        share = Fraction(percent[1]) / 100 if percent else Fraction(text)
        if 0 < share <= 1:
            return share
    raise ValueError(f'{text!r} is not a threshold; write a percent such as "50%" or a share such as "1/2"')


@cache
def display_threshold(threshold: Fraction) -> str:
    """The threshold as an exact percent: 1/2 is "50 %", 1/3 is "100/3 %"."""
    return f"{show_exactly(threshold * 100)} %"


def read_node(section: Section, *, kind: ScoreKind) -> Criterion:
    """The node in ``section`` with everything below it; ``kind`` is the rule set's own score kind."""
    if section.path.count(".of[") > DEEPEST:
        raise section.error("", f"lies more than {DEEPEST} levels deep; flatten the rule")
    name = section.text("criterion")
    if name not in _NODES:
        raise section.error("criterion", f"{name!r} is not known; use one of: {', '.join(_NODES)}")
    node_id = section.name("id")
    node = _NODES[name](section, node_id, section.text("label"), kind)
    section.close()
    return node


def _read_children(section: Section, kind: ScoreKind, *, fewest: int = 2) -> tuple[Criterion, ...]:
    children = tuple(read_node(child, kind=kind) for child in section.sections("of"))
    if len(children) < fewest:
        raise section.error("of", f"must list at least {fewest} criteria")
    return children


def _read_all(section: Section, node_id: str, label: str, kind: ScoreKind) -> Criterion:
    return AllOf(node_id, label, _read_children(section, kind))


def _read_any(section: Section, node_id: str, label: str, kind: ScoreKind) -> Criterion:
    return AnyOf(node_id, label, _read_children(section, kind))


def _read_at_least(section: Section, node_id: str, label: str, kind: ScoreKind) -> Criterion:
    n, children = section.count("n"), _read_children(section, kind)
    if n > len(children):
        raise section.error("n", f"asks for {n} of {len(children)} criteria; lower it or list more")
    return AtLeast(node_id, label, n, children)


def _read_not(section: Section, node_id: str, label: str, kind: ScoreKind) -> Criterion:
    children = _read_children(section, kind, fewest=1)
    if len(children) != 1:
        raise section.error("of", "must list exactly one criterion; put several under all or any")
    return Not(node_id, label, children)


def _read_pain(section: Section, node_id: str, label: str, kind: ScoreKind) -> Criterion:
    region = section.optional_text("region") or TARGET
    chosen = section.choice("kind", of=ScoreKind, default=kind)
    return PainReduction(node_id, label, region, chosen, section.parsed("threshold", parse_threshold))


def _read_analgesic(section: Section, node_id: str, label: str, _kind: ScoreKind) -> Criterion:
    return AnalgesicReduction(node_id, label, section.parsed("threshold", parse_threshold))


_NodeReader = Callable[[Section, str, str, ScoreKind], Criterion]

_NODES: Final[Mapping[str, _NodeReader]] = MappingProxyType(
    {
        "all": _read_all,
        "any": _read_any,
        "at_least": _read_at_least,
        "not": _read_not,
        "pain_reduction": _read_pain,
        "analgesic_reduction": _read_analgesic,
        "analgesic_not_increased": lambda _section, node_id, label, _kind: AnalgesicNotIncreased(
            node_id, label
        ),
        "satisfied": lambda _section, node_id, label, _kind: Satisfied(node_id, label),
    }
)
