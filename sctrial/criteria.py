"""Rule sets: named, dated, sealed rules for calling a trial a success, each a tree of criteria.

Windows are fixed on the trial before the leads go in; only where a rule fixes them itself it brings its own.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from sctrial.figures import WindowedPair
from sctrial.intercurrent import EventKind, Strategy
from sctrial.node_reader import read_node
from sctrial.nodes import Criterion, PainCriterion, PainReduction, Pair, walk
from sctrial.scales import TARGET, ScoreKind
from sctrial.seal import CannotSeal, digest
from sctrial.sources import Mark, Source, read_source
from sctrial.strict import DocumentError, Section

__all__ = [
    "LOCK_NAME",
    "Mark",
    "RuleSet",
    "RuleSetChanged",
    "Setting",
    "Source",
    "UnknownRuleSet",
    "parse_rule_set",
    "read_lock",
    "read_rule_set",
    "require_locked",
    "rule_set",
    "rule_sets",
    "shipped_rule_sets",
    "version_order",
]

_VERSION: Final = re.compile(r"[0-9]{4}\.[1-9][0-9]{0,3}", re.ASCII)


LOCK_NAME: Final = "LOCK.toml"


class UnknownRuleSet(LookupError):
    """A rule set id or version that is not shipped; the message lists those that are."""


class RuleSetChanged(ValueError):
    """A rule file that is not what was published under its version; the message says what to do."""


class Setting(StrEnum):
    """What a rule set is for: asked in routine care, the endpoint of a study, or a grade of relief."""

    ROUTINE = "routine"
    STUDY = "study"
    GRADE = "grade"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule as its holder published it, with the digest of the file it was read from."""

    id: str
    version: str
    title: str
    holder: str
    sources: tuple[Source, ...]
    in_force_from: date
    in_force_to: date | None
    score_kind: ScoreKind
    root: Criterion
    cautions: tuple[str, ...]
    digest: str
    setting: Setting = Setting.ROUTINE
    #: What each kind of intercurrent event does to the scores (ICH E9(R1)); a kind left out is undeclared.
    strategies: Mapping[EventKind, Strategy] = field(default_factory=dict, hash=False)

    @property
    def pairs(self) -> frozenset[Pair]:
        """Every region and kind that a verdict under this rule looks at, the decision region included."""
        asked = {node.pair for node in walk(self.root) if isinstance(node, PainCriterion)}
        return frozenset(asked | {(TARGET, self.score_kind)})

    @property
    def windowed_pairs(self) -> frozenset[WindowedPair]:
        """Every region and kind that this rule looks at in windows of its own."""
        leaves = (node for node in walk(self.root) if isinstance(node, PainReduction))
        return frozenset((leaf.pair, leaf.windows) for leaf in leaves if leaf.windows is not None)

    def is_in_force(self, on: date) -> bool:
        """Whether ``on`` lies within the dates in force, both ends included."""
        return self.in_force_from <= on and (self.in_force_to is None or on <= self.in_force_to)


def parse_rule_set(content: Mapping[str, object], *, origin: str) -> RuleSet:
    """The rule set in a parsed document. Raises DocumentError naming ``origin``, the key and the remedy.

    A clinic's own rule goes through here just as a shipped file does. The digest covers the whole content.
    """
    top = Section(content, origin=origin)
    kind = top.choice("score_kind", of=ScoreKind)
    rule = RuleSet(
        id=top.name("id"),
        version=_read_version(top),
        title=top.text("title"),
        holder=top.text("holder"),
        sources=tuple(read_source(section) for section in top.sections("source")),
        in_force_from=top.day("in_force_from"),
        in_force_to=top.optional_day("in_force_to"),
        score_kind=kind,
        root=read_node(top.section("root"), kind=kind),
        cautions=top.texts("cautions"),
        digest=_digest(content, top=top),
        setting=top.choice("setting", of=Setting, default=Setting.ROUTINE),
        strategies=_read_strategies(top),
    )
    top.close()
    _require_sound(rule, top=top)
    return rule


def _digest(content: Mapping[str, object], *, top: Section) -> str:
    try:
        return digest(content)
    except CannotSeal as error:
        raise top.error("", str(error)) from error


def _read_version(top: Section) -> str:
    version = top.text("version")
    if not _VERSION.fullmatch(version):
        raise top.error("version", f'{version!r} must be the year and a number, such as "2023.1"')
    return version


def _read_strategies(top: Section) -> dict[EventKind, Strategy]:
    if "strategies" not in top.keys:
        return {}
    section = top.section("strategies")
    return {_event_kind(section, name): section.choice(name, of=Strategy) for name in section.keys}


def _event_kind(section: Section, name: str) -> EventKind:
    if name not in set(EventKind):
        raise section.error(name, f"is not a kind of event; use one of: {', '.join(EventKind)}")
    return EventKind(name)


def _require_sound(rule: RuleSet, *, top: Section) -> None:
    if not rule.sources:
        raise top.error("source", "is missing; a rule without a source cannot be checked by anybody")
    if rule.in_force_to is not None and rule.in_force_to < rule.in_force_from:
        raise top.error("in_force_to", "lies before in_force_from; correct one of them")
    ids = [node.id for node in walk(rule.root)]
    twice = sorted({node_id for node_id in ids if ids.count(node_id) > 1})
    if twice:
        raise top.error("root", f"the criterion id {twice[0]!r} is used twice; give each criterion its own")


def read_rule_set(text: str, *, origin: str) -> RuleSet:
    """The rule set in TOML text. Raises DocumentError naming ``origin``."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"{origin}: is not TOML: {error}; correct the file there") from error
    return parse_rule_set(content, origin=origin)


@cache
def shipped_rule_sets() -> tuple[RuleSet, ...]:
    """Every version of every rule set in ``sctrial/rulesets``, by id and version."""
    found = []
    for file in files("sctrial").joinpath("rulesets").iterdir():
        if file.name.endswith(".toml") and file.name != LOCK_NAME:
            rule = read_rule_set(file.read_text(encoding="utf-8"), origin=file.name)
            if file.name != f"{rule.id}@{rule.version}.toml":
                raise DocumentError(f"{file.name}: rename the file to {rule.id}@{rule.version}.toml")
            found.append(rule)
    return tuple(sorted(found, key=lambda rule: (rule.id, version_order(rule))))


def rule_sets(*, on: date | None = None) -> dict[str, RuleSet]:
    """The newest version in force of every rule set, by id.

    ``on`` is the day asked about; without it, every rule whose end is not known counts as in force.
    """
    in_force = (
        rule
        for rule in shipped_rule_sets()
        if (rule.in_force_to is None if on is None else rule.is_in_force(on))
    )
    return {rule.id: rule for rule in in_force}


def rule_set(rule_id: str, *, version: str | None = None) -> RuleSet:
    """A shipped rule set, the newest in force unless ``version`` is given. Raises UnknownRuleSet."""
    if version is None:
        known = rule_sets()
    else:
        known = {rule.id: rule for rule in shipped_rule_sets() if rule.version == version}
    if rule_id not in known:
        wanted = rule_id if version is None else f"{rule_id} {version}"
        listed = ", ".join(sorted(known if version is None else _names()))
        raise UnknownRuleSet(f"there is no rule set {wanted!r}; known are: {listed}")
    return known[rule_id]


def require_locked(rules: Iterable[RuleSet], *, lock: Mapping[str, str]) -> None:
    """Raise RuleSetChanged unless each rule's digest stands under "id@version" in ``lock``, and no other.

    Verdicts years old name a rule by id and version, so a published version never changes.
    """
    present = {f"{rule.id}@{rule.version}": rule.digest for rule in rules}
    for name, sealed in sorted({**lock, **present}.items()):
        if name not in present:
            raise RuleSetChanged(f"{name} is locked but its file is gone; restore it, old verdicts name it")
        if name not in lock:
            raise RuleSetChanged(f'{name} is new; add "{name}" = "{sealed}" to {LOCK_NAME}')
        if lock[name] != sealed:
            raise RuleSetChanged(
                f"{name} was changed after it was published; restore it, and put the change "
                f"into a new file with the next version, locked in {LOCK_NAME}"
            )


def read_lock() -> dict[str, str]:
    """The digests of the published versions, by "id@version"."""
    text = files("sctrial").joinpath("rulesets", LOCK_NAME).read_text(encoding="utf-8")
    return {name: str(sealed) for name, sealed in tomllib.loads(text).items()}


def _names() -> list[str]:
    return [f"{rule.id} {rule.version}" for rule in shipped_rule_sets()]


def version_order(rule: RuleSet) -> tuple[int, ...]:
    """What versions sort by: as numbers, for 2023.10 comes after 2023.9."""
    return tuple(int(part) for part in rule.version.split("."))
