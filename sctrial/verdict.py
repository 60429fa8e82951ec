"""judge(): evidence under a rule set gives met, not met or not evaluable, each with its reasons.

``judge`` is ``conclude`` after ``figures_of``: whoever has the figures by another road, such as whole
columns at once, asks ``conclude`` and gets the same verdict.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sctrial.criteria import RuleSet
from sctrial.evaluate import CriterionResult, Figures, PairFigures, evaluate
from sctrial.evidence import Entry, Evidence, Protocol
from sctrial.kleene import Answer, all_of, any_of, at_least, negate
from sctrial.nodes import Pair
from sctrial.phases import DiaryPhase
from sctrial.reasons import Reason
from sctrial.reduction import Reduction, compute_percent_reduction
from sctrial.scales import TARGET
from sctrial.seal import fraction_text
from sctrial.windows import Window, WindowFigures, compute_day_values, summarise_window

__all__ = [
    "Answer",
    "CriterionResult",
    "Figures",
    "PairFigures",
    "ReportOnlyWindow",
    "Verdict",
    "all_of",
    "any_of",
    "at_least",
    "conclude",
    "figures_of",
    "judge",
    "negate",
    "require_judgeable",
]


class ReportOnlyWindow(ValueError):
    """A window that may be shown but not judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the tree it came from, and the decision region's figures for the rule set's score kind."""

    answer: Answer
    criteria: CriterionResult
    reasons: tuple[Reason, ...]
    reduction: Reduction
    baseline: WindowFigures
    trial: WindowFigures

    def canonical(self) -> dict[str, object]:
        """Plain and stable, all fractions as text, for storing and sealing."""
        exact = self.reduction.exact
        return {
            "answer": self.answer.value,
            "criteria": self.criteria.canonical(),
            "reasons": [
                {"code": reason.code.value, "text": reason.text, "criterion": reason.criterion}
                for reason in self.reasons
            ],
            "reduction": {
                "exact": None if exact is None else fraction_text(exact),
                "reason": self.reduction.reason and self.reduction.reason.value,
            },
            "baseline": self.baseline.canonical(),
            "trial": self.trial.canonical(),
        }


def judge(evidence: Evidence, *, rule_set: RuleSet) -> Verdict:
    """The verdict on ``evidence`` under ``rule_set``. Raises ReportOnlyWindow for a best-day protocol."""
    return conclude(figures_of(evidence, pairs=rule_set.pairs), rule_set=rule_set)


def require_judgeable(protocol: Protocol) -> None:
    """Raise ReportOnlyWindow when a window of ``protocol`` is one that picks its days by their result."""
    for window in (protocol.baseline_window, protocol.trial_window):
        if window.report_only:
            raise ReportOnlyWindow(
                f"'{window}' picks the day by its result, so it may be reported but not judged; "
                "use last-n-days, whole-phase or exclude-first-n-days"
            )


def figures_of(evidence: Evidence, *, pairs: Iterable[Pair]) -> Figures:
    """The window figures of each region and kind in ``pairs``. Raises ReportOnlyWindow."""
    protocol = evidence.protocol
    require_judgeable(protocol)
    baseline = [entry for entry in evidence.entries if entry.phase is DiaryPhase.BASELINE]
    trial = [entry for entry in evidence.entries if entry.phase is DiaryPhase.TRIAL]
    return Figures(
        by_pair={
            pair: PairFigures(
                baseline=_window_figures(baseline, pair, protocol.baseline_window, protocol),
                trial=_window_figures(trial, pair, protocol.trial_window, protocol),
            )
            for pair in pairs
        },
        analgesics=evidence.analgesics,
        satisfied=evidence.satisfied,
    )


def _window_figures(diary: list[Entry], pair: Pair, window: Window, protocol: Protocol) -> WindowFigures:
    of_pair = (entry for entry in diary if (entry.region, entry.kind) == pair)
    return summarise_window(
        compute_day_values(of_pair, several=protocol.several),
        window=window,
        # Evidence keeps its entries by day, so the ends of the diary are the ends of the list.
        first_day=diary[0].day if diary else None,
        last_day=diary[-1].day if diary else None,
    )


def conclude(figures: Figures, *, rule_set: RuleSet) -> Verdict:
    """The verdict on figures that cover ``rule_set.pairs``; a pair left out raises KeyError."""
    decision = figures.by_pair[(TARGET, rule_set.score_kind)]
    tree = evaluate(rule_set.root, figures=figures)
    return Verdict(
        answer=tree.answer,
        criteria=tree,
        reasons=tuple(_reasons(tree)),
        reduction=compute_percent_reduction(decision.baseline.mean, trial_mean=decision.trial.mean),
        baseline=decision.baseline,
        trial=decision.trial,
    )


def _reasons(result: CriterionResult) -> Iterator[Reason]:
    if not result.children:
        yield Reason(result.code, result.text, result.id)
    for child in result.children:
        yield from _reasons(child)
