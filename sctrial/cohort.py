"""Cohort statistics: responder rates, the cumulative responder curve, the waterfall, two mean reductions.

Everything is exact but the intervals. Every result says how many patients it rests on and how many are
missing, and why; nothing is imputed and no value is clipped.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from sctrial.intervals import CONFIDENCE, Count, Proportion, ProportionMethod, compute_proportion
from sctrial.kleene import Answer
from sctrial.phases import EndReason
from sctrial.reduction import NoPercent, Reduction, compute_percent_reduction
from sctrial.verdict import Verdict

#: The cut-offs of the curve, in percent reduction. Source: Farrar 2006.
CUT_OFFS: Final = tuple(range(101))


class CountedTwice(ValueError):
    """A trial that is in the cohort twice; the message names it."""


@dataclass(frozen=True)
class Outcome:
    """One trial as a cohort sees it; means in scale points, None without a day.

    A technical failure (migration, lead fault, failed access) says nothing about relief.
    """

    trial: str
    answer: Answer
    baseline_mean: Fraction | None
    trial_mean: Fraction | None
    technical_failure: bool = False

    @classmethod
    def read(cls, trial: str, *, verdict: Verdict, end_reason: EndReason | None = None) -> "Outcome":
        """The outcome that a verdict and the way the trial ended make."""
        technical = end_reason is EndReason.TECHNICAL_FAILURE
        return cls(trial, verdict.answer, verdict.baseline.mean, verdict.trial.mean, technical)

    @property
    def has_both_sides(self) -> bool:
        """Whether there is a change, in points, at all."""
        return self.baseline_mean is not None and self.trial_mean is not None

    @cached_property
    def reduction(self) -> Reduction:
        """Percent reduction of the means, or why there is none."""
        return compute_percent_reduction(self.baseline_mean, trial_mean=self.trial_mean)


@dataclass(frozen=True, slots=True)
class Population:
    """Who is counted: ``n`` have a percent; the others, each counted once, have none for the reason named."""

    n: int
    zero_baselines: int
    missing: int
    technical_failures: int


class Denominator(StrEnum):
    """Whom a responder rate is a share of."""

    #: Met or not met; technical failures and trials that could not be evaluated are left out.
    EVALUABLE = "evaluable"
    #: The same, with each technical failure counted as not met.
    WITH_TECHNICAL_FAILURES = "with_technical_failures"
    #: Everybody; a trial that could not be evaluated counts as not met, the least the rate can be.
    EVERY_TRIAL = "every_trial"


@dataclass(frozen=True, slots=True)
class ResponderRate:
    """Counts that add up to all trials, and one proportion for each denominator."""

    met: int
    not_met: int
    not_evaluable: int
    technical_failures: int
    rates: Mapping[Denominator, Proportion]


def summarise_responders(
    outcomes: Iterable[Outcome],
    *,
    method: ProportionMethod = ProportionMethod.WILSON,
    confidence: Fraction = CONFIDENCE,
) -> ResponderRate:
    """Responder rates under every denominator; a denominator of nobody has no interval and a reason.

    A technical failure counts as one whatever its diary says. Efficacy is the rate among ``EVALUABLE``.
    """
    counted = _unique(outcomes)
    on_relief = [outcome.answer for outcome in counted if not outcome.technical_failure]
    met, not_met, unknown = (on_relief.count(answer) for answer in Answer)
    technical = len(counted) - len(on_relief)
    sizes = {
        Denominator.EVALUABLE: met + not_met,
        Denominator.WITH_TECHNICAL_FAILURES: met + not_met + technical,
        Denominator.EVERY_TRIAL: len(counted),
    }
    rates = {
        denominator: compute_proportion(Count(met, of), method=method, confidence=confidence)
        for denominator, of in sizes.items()
    }
    return ResponderRate(met, not_met, unknown, technical, MappingProxyType(rates))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """``count`` patients have at least ``cut_off`` percent; ``share`` is None of nobody."""

    cut_off: int
    count: int
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class ResponderCurve:
    """A point for each cut-off; ``of`` is what the shares are shares of."""

    points: tuple[CurvePoint, ...]
    of: int
    population: Population


def compute_responder_curve(
    outcomes: Iterable[Outcome], *, cut_offs: Sequence[int] = CUT_OFFS, missing_as_nonresponders: bool = False
) -> ResponderCurve:
    """Share of patients with at least each percent reduction, cut-offs included: 50 % exactly counts at 50.

    Patients without a percent are left out and counted beside it; with ``missing_as_nonresponders`` they
    stay in the denominator and reach no cut-off, as for drop-outs in trials. Technical failures and zero
    baselines are left out either way. Never rising from one cut-off to the next. Source: Farrar 2006.
    """
    percents, population = _percents(outcomes)
    of = population.n + (population.missing if missing_as_nonresponders else 0)
    ascending = sorted(percents.values(), key=_nearest_first)
    counts = ((cut_off, len(ascending) - bisect_left(ascending, cut_off)) for cut_off in cut_offs)
    points = tuple(
        CurvePoint(cut_off, count, Fraction(count, of) if of else None) for cut_off, count in counts
    )
    return ResponderCurve(points, of, population)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Trial and percent reduction, best first, ties by trial; whoever draws it may cap bars, never values."""

    bars: tuple[tuple[str, Fraction], ...]
    population: Population


def compute_waterfall(outcomes: Iterable[Outcome]) -> Waterfall:
    """Every patient's percent reduction in order; worse than baseline is negative, without a lower bound."""
    percents, population = _percents(outcomes)
    best_first = sorted(
        sorted(percents.items(), key=itemgetter(0)), key=lambda bar: _nearest_first(bar[1]), reverse=True
    )
    return Waterfall(tuple(best_first), population)


def compute_population(outcomes: Iterable[Outcome]) -> Population:
    """Who is counted in a curve or a waterfall of these, and why the others are not."""
    return _percents(outcomes)[1]


def _nearest_first(exact: Fraction) -> tuple[float, Fraction]:
    # Floats compare quickly and never stand in another order; of two that are the same, the exact ones count.
    return float(exact), exact


@dataclass(frozen=True, slots=True)
class GroupReduction:
    """Two summaries of one group that are not the same number; None of nobody. Always name which."""

    mean_of_percents: Fraction | None
    percent_of_means: Fraction | None
    population: Population


def compute_group_reduction(outcomes: Iterable[Outcome]) -> GroupReduction:
    """Mean of the patients' percents, and percent reduction of the group's means, over the same patients.

    ``mean_of_percents = sum(100*(B-T)/B) / n``; ``percent_of_means = 100*(sum(B)-sum(T)) / sum(B)``, which
    weights patients by their baseline. 10 to 5 and 4 to 1 give 62.5 and 57.1. A zero baseline has no
    percent, so it is in neither and counted apart.
    """
    counted = {outcome.trial: outcome for outcome in _unique(outcomes)}
    percents, population = _percents(counted.values())
    if not percents:
        return GroupReduction(None, None, population)
    sides = [(counted[trial].baseline_mean, counted[trial].trial_mean) for trial in percents]
    totals = [
        sum((side for side in column if side is not None), Fraction(0)) for column in zip(*sides, strict=True)
    ]
    return GroupReduction(
        mean_of_percents=sum(percents.values(), Fraction(0)) / len(percents),
        percent_of_means=compute_percent_reduction(totals[0], trial_mean=totals[1]).exact,
        population=population,
    )


def _unique(outcomes: Iterable[Outcome]) -> list[Outcome]:
    found: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.trial in found:
            raise CountedTwice(f"trial {outcome.trial!r} is in the cohort twice; leave one out")
        found[outcome.trial] = outcome
    return list(found.values())


def _percents(outcomes: Iterable[Outcome]) -> tuple[dict[str, Fraction], Population]:
    counted = _unique(outcomes)
    on_relief = [outcome for outcome in counted if not outcome.technical_failure]
    reductions = {outcome.trial: outcome.reduction for outcome in on_relief}
    percents = {trial: found.exact for trial, found in reductions.items() if found.exact is not None}
    zero = sum(found.reason is NoPercent.BASELINE_ZERO for found in reductions.values())
    population = Population(
        n=len(percents),
        zero_baselines=zero,
        missing=len(on_relief) - len(percents) - zero,
        technical_failures=len(counted) - len(on_relief),
    )
    return percents, population
