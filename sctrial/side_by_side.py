"""One trial under many rules: what each payer would say, and what each would still have to be told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sctrial.criteria import RuleSet, rule_sets
from sctrial.evaluate import CriterionResult
from sctrial.evidence import Evidence
from sctrial.kleene import Answer
from sctrial.reasons import Missing
from sctrial.verdict import Verdict, conclude, figures_of


@dataclass(frozen=True, slots=True)
class StillMissing:
    """What one person or place can supply, each thing once, in the order of the rule."""

    who: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One rule's verdict with the evidence that could still decide it; empty once it is decided."""

    rule_set: RuleSet
    verdict: Verdict
    missing: tuple[StillMissing, ...]

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        rule = self.rule_set
        return {
            "rule_set": {"id": rule.id, "version": rule.version, "digest": rule.digest},
            "verdict": self.verdict.canonical(),
            "missing": [{"who": gap.who, "what": list(gap.what)} for gap in self.missing],
        }


def rules_beside(own: RuleSet, *, on: date | None = None) -> tuple[RuleSet, ...]:
    """``own`` first, then the newest version of every other rule set in force, by id.

    ``on`` is the day asked about; without it, every rule whose end is not known counts as in force.
    """
    others = (rule for rule_id, rule in sorted(rule_sets(on=on).items()) if rule_id != own.id)
    return (own, *others)


def judge_all(evidence: Evidence, *, rules: Iterable[RuleSet]) -> tuple[Judgement, ...]:
    """The verdict under each of ``rules``, in their order, a rule given twice judged once.

    The same as ``judge`` for each, with the windows summed only once. Raises ReportOnlyWindow.
    """
    asked = tuple({rule.digest: rule for rule in rules}.values())
    figures = figures_of(
        evidence,
        pairs={pair for rule in asked for pair in rule.pairs},
        windowed_pairs={pair for rule in asked for pair in rule.windowed_pairs},
    )
    verdicts = ((rule, conclude(figures, rule_set=rule)) for rule in asked)
    return tuple(Judgement(rule, verdict, still_missing(verdict.criteria)) for rule, verdict in verdicts)


def still_missing(result: CriterionResult) -> tuple[StillMissing, ...]:
    """What could still decide ``result``, by who can supply it, each thing once, in the order of the rule.

    A gap under a criterion that is decided without it is not asked for: no answer could change anything.
    """
    by_who: dict[str, dict[str, None]] = {}
    for gap in _open_gaps(result):
        by_who.setdefault(gap.who, {})[gap.what] = None
    return tuple(StillMissing(who, tuple(what)) for who, what in by_who.items())


def _open_gaps(result: CriterionResult) -> Iterator[Missing]:
    if result.answer is not Answer.NOT_EVALUABLE:
        return
    if result.missing is not None:
        yield result.missing
    for child in result.children:
        yield from _open_gaps(child)
