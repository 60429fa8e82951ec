"""The multiverse: one trial under every analysis of a declared grid. "Met in 41 of 48."

Twenty-eight trials in low back pain used twenty definitions of a responder, most without a reason. A verdict
that hangs on one of several defensible choices should be seen to. The grid is fixed beforehand, named and
versioned; nothing is chosen by its result. Source: multiverse analysis, Steegen and others 2016.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import product

from sctrial.criteria import RuleSet
from sctrial.evidence import Evidence
from sctrial.figures import PairFigures
from sctrial.grids import TRIAL_48, Grid
from sctrial.kleene import Answer
from sctrial.missing import Policy, fill_days
from sctrial.nodes import Pair
from sctrial.refigure import (
    Diary,
    OpenTrial,
    Sides,
    View,
    asks_days,
    choose_windows,
    impute,
    read_sides,
)
from sctrial.scales import ScoreKind
from sctrial.seal import fraction_text
from sctrial.verdict import Verdict
from sctrial.windows import Several, Window


class NotEvaluable(StrEnum):
    """Why an analysis of the grid has no answer."""

    #: No scores of this kind for the target on both sides; it was not asked, so nothing can be said.
    KIND_NOT_ASKED = "kind_not_asked"
    #: A day has several scores and the evidence was frozen without their order.
    ORDER_NOT_KEPT = "order_not_kept"
    #: The rule itself answers "not evaluable"; its verdict says what is missing.
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis with its answer; ``exact`` is the percent reduction of the target, or None."""

    trial_window: Window
    baseline_window: Window
    kind: ScoreKind
    policy: Policy
    several: Several
    answer: Answer = Answer.NOT_EVALUABLE
    exact: Fraction | None = None
    reason: NotEvaluable | None = None

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        return {
            "trial_window": str(self.trial_window),
            "baseline_window": str(self.baseline_window),
            "kind": self.kind.value,
            "policy": self.policy.value,
            "several": self.several.value,
            "answer": self.answer.value,
            "exact": None if self.exact is None else fraction_text(self.exact),
            "reason": self.reason and self.reason.value,
        }


@dataclass(frozen=True, slots=True)
class Robustness:
    """Every analysis of the grid, and how many of them met the rule.

    ``declared`` is the verdict under the trial's own protocol. ``distinct`` is the number of different sets
    of figures behind the evaluable analyses: without a missing day all policies read the same numbers, and
    forty agreeing analyses of two readings are no forty witnesses.
    """

    grid: Grid
    declared: Answer
    analyses: tuple[Analysis, ...]
    distinct: int

    def count(self, answer: Answer) -> int:
        """The number of analyses with this answer."""
        return sum(analysis.answer is answer for analysis in self.analyses)

    def summary(self) -> dict[str, int]:
        """``met``, ``not_met`` and ``not_evaluable``, which add up to ``of``."""
        return {answer.value: self.count(answer) for answer in Answer} | {"of": len(self.analyses)}

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing: the summary, the grid and each analysis."""
        return {
            **self.summary(),
            "distinct": self.distinct,
            "grid": {"name": self.grid.name, "version": self.grid.version},
            "declared": self.declared.value,
            "analyses": [analysis.canonical() for analysis in self.analyses],
        }


def assess_robustness(
    evidence: Evidence, *, rule_set: RuleSet, grid: Grid = TRIAL_48, trial_ended: date | None = None
) -> Robustness:
    """``evidence`` judged under ``rule_set`` once for each analysis of ``grid``, in the order of the grid.

    A kind of the grid takes the place of the rule set's own kind on both sides; a criterion that names
    another kind keeps it, and one whose holder fixes its windows keeps those. Policies fill the trial diary
    from its first to its last day; ``trial_ended`` moves that last day out to the end of the trial, for a
    patient who stopped answering, and the windows of the grid then end there. The baseline is always as
    observed. Raises ReportOnlyWindow.
    """
    reader = _Reader(evidence, rule_set, trial_ended)
    analyses = tuple(reader.answer(analysis) for analysis in _analyses(grid, own=evidence.protocol.several))
    answers = [verdict.answer for verdict in reader.verdicts.values()]
    return Robustness(grid, reader.declared, analyses, len(answers) - answers.count(Answer.NOT_EVALUABLE))


def _analyses(grid: Grid, *, own: Several) -> Iterator[Analysis]:
    for trial, baseline, kind, policy, several in product(
        grid.trial_windows, grid.baseline_windows, grid.kinds, grid.policies, grid.several
    ):
        yield Analysis(trial, baseline, kind, policy, several or own)


@dataclass
class _Reader:
    """Reads one trial's evidence by analysis; what two analyses share is worked out once."""

    evidence: Evidence
    rule_set: RuleSet
    trial_ended: date | None
    verdicts: dict[tuple[PairFigures, ...], Verdict] = field(default_factory=dict)
    _sides: dict[tuple[Pair, Several], Sides] = field(default_factory=dict)
    _filled: dict[tuple[Pair, Several, Policy, Window], Diary] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._trial = OpenTrial.of(self.evidence, rule_set=self.rule_set)
        self._asks_days = asks_days(self.rule_set)

    @property
    def declared(self) -> Answer:
        return self._trial.judged(self._trial.observed).answer

    def answer(self, analysis: Analysis) -> Analysis:
        reason = self._obstacle(analysis)
        if reason is not None:
            return replace(analysis, reason=reason)
        verdict = self._verdict({view: self._figures(view, analysis) for view in self._trial.observed})
        reason = NotEvaluable.RULE if verdict.answer is Answer.NOT_EVALUABLE else None
        return replace(analysis, answer=verdict.answer, exact=verdict.reduction.exact, reason=reason)

    def _obstacle(self, analysis: Analysis) -> NotEvaluable | None:
        decision = self._sides_of(self._source(self._trial.decision, analysis), analysis.several)
        asked = decision.baseline.values and decision.trial.values
        if analysis.kind is not self.rule_set.score_kind and not asked:
            return NotEvaluable.KIND_NOT_ASKED
        if analysis.several is not Several.MEAN and not self._order_is_known(analysis):
            return NotEvaluable.ORDER_NOT_KEPT
        return None

    def _order_is_known(self, analysis: Analysis) -> bool:
        # Evidence frozen for a mean keeps the scores of a day by size, not by time.
        if self.evidence.protocol.several is not Several.MEAN:
            return True
        sources = {self._source(pair, analysis) for pair in self.rule_set.pairs}
        return all(
            self._sides_of(pair, Several.FIRST) == self._sides_of(pair, Several.LAST) for pair in sources
        )

    def _source(self, pair: Pair, analysis: Analysis) -> Pair:
        region, kind = pair
        return (region, analysis.kind) if kind is self.rule_set.score_kind else pair

    def _figures(self, view: View, analysis: Analysis) -> PairFigures:
        source, (baseline, trial) = self._source(view[0], analysis), _windows_of(view, analysis)
        sides = self._sides_of(source, analysis.several)
        observed = sides.figures(baseline_window=baseline, trial_window=trial)
        filled = self._fill(source, analysis, baseline).figures(trial)
        return replace(observed, trial=impute(observed.trial, mean=filled.mean, asks_days=self._asks_days))

    def _fill(self, pair: Pair, analysis: Analysis, baseline: Window) -> Diary:
        key = pair, analysis.several, analysis.policy, baseline
        if key not in self._filled:
            sides = self._sides_of(pair, analysis.several)
            self._filled[key] = _filled(sides, policy=analysis.policy, baseline=baseline)
        return self._filled[key]

    def _sides_of(self, pair: Pair, several: Several) -> Sides:
        key = pair, several
        if key not in self._sides:
            sides = read_sides(self.evidence, pair=pair, several=several)
            self._sides[key] = replace(sides, trial=self._until_the_end(sides.trial))
        return self._sides[key]

    def _until_the_end(self, trial: Diary) -> Diary:
        if self.trial_ended is None or trial.last_day is None or self.trial_ended <= trial.last_day:
            return trial
        return replace(trial, last_day=self.trial_ended)

    def _verdict(self, views: dict[View, PairFigures]) -> Verdict:
        key = tuple(views.values())
        if key not in self.verdicts:
            self.verdicts[key] = self._trial.judged(views)
        return self.verdicts[key]


def _windows_of(view: View, analysis: Analysis) -> tuple[Window, Window]:
    return choose_windows(view[1], baseline=analysis.baseline_window, trial=analysis.trial_window)


def _filled(sides: Sides, *, policy: Policy, baseline: Window) -> Diary:
    trial = sides.trial
    if trial.first_day is None or trial.last_day is None:
        return trial
    filled = fill_days(
        trial.values,
        policy=policy,
        first_day=trial.first_day,
        last_day=trial.last_day,
        baseline=sides.baseline.within(baseline),
    )
    return replace(trial, values=filled.values)
