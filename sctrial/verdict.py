"""judge(): evidence under a rule set gives met, not met or not evaluable, each with its reasons.

``judge`` is ``conclude`` after ``figures_of``: whoever has the figures by another road, such as whole
columns at once, asks ``conclude`` and gets the same verdict.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sctrial.criteria import RuleSet
from sctrial.evaluate import CriterionResult, Figures, Further, PairFigures, evaluate
from sctrial.evidence import Entry, Evidence, Protocol
from sctrial.figures import WindowedPair
from sctrial.kleene import Answer, all_of, any_of, at_least, negate
from sctrial.nodes import OwnWindows, Pair
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
    "with_windows",
]


_Diaries = Mapping[DiaryPhase, list[Entry]]


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
    figures = figures_of(evidence, pairs=rule_set.pairs, windowed_pairs=rule_set.windowed_pairs)
    return conclude(figures, rule_set=rule_set)


def require_judgeable(protocol: Protocol) -> None:
    """Raise ReportOnlyWindow when a window of ``protocol`` is one that picks its days by their result."""
    for window in (protocol.baseline_window, protocol.trial_window):
        if window.report_only:
            raise ReportOnlyWindow(
                f"'{window}' picks the day by its result, so it may be reported but not judged; "
                "use last-n-days, whole-phase or exclude-first-n-days"
            )


def figures_of(
    evidence: Evidence, *, pairs: Iterable[Pair], windowed_pairs: Iterable[WindowedPair] = ()
) -> Figures:
    """The window figures of each region and kind in ``pairs``, and all facts beside the diary.

    ``windowed_pairs`` are those that a rule looks at in windows of its own. Raises ReportOnlyWindow.
    """
    protocol = evidence.protocol
    require_judgeable(protocol)
    diaries = {phase: [entry for entry in evidence.entries if entry.phase is phase] for phase in DiaryPhase}
    return Figures(
        by_pair={pair: _pair_figures(diaries, pair, protocol) for pair in pairs},
        analgesics=evidence.analgesics,
        satisfied=evidence.satisfied,
        further=Further(
            scale=protocol.scale,
            facts=evidence.facts,
            by_window={
                (pair, own): _pair_figures(diaries, pair, with_windows(protocol, own=own))
                for pair, own in windowed_pairs
            },
        ),
    )


def with_windows(protocol: Protocol, *, own: OwnWindows) -> Protocol:
    """``protocol`` with the windows that a rule fixes itself."""
    return replace(
        protocol,
        baseline_window=own.baseline or protocol.baseline_window,
        trial_window=own.trial or protocol.trial_window,
    )


def _pair_figures(diaries: _Diaries, pair: Pair, protocol: Protocol) -> PairFigures:
    return PairFigures(
        baseline=_window_figures(diaries[DiaryPhase.BASELINE], pair, protocol.baseline_window, protocol),
        trial=_window_figures(diaries[DiaryPhase.TRIAL], pair, protocol.trial_window, protocol),
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
