"""How far missing days, further evenings and single days could turn a verdict.

Everything is exact and asks ``sctrial.verdict.conclude``; a closed form says where to ask. Only the trial
side is moved: the baseline is over before the leads go in.
Source: tipping-point analysis, Yan, Lee and Li 2009, here for one patient.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import floor
from types import MappingProxyType
from typing import Any, Final

from sctrial.criteria import RuleSet
from sctrial.evidence import Evidence
from sctrial.figures import PairFigures
from sctrial.kleene import Answer
from sctrial.nodes import Criterion, PainCriterion, PainLevel, PainReduction, walk
from sctrial.phases import DiaryPhase
from sctrial.refigure import OpenTrial, Sides, View, asks_days, impute
from sctrial.scales import Scale
from sctrial.windows import WindowFigures

#: Two months of evenings settle nothing that a trial could still show; a default of this project.
MOST_EVENINGS: Final = 60


class Fill(StrEnum):
    """What every missing day of the trial window is taken to be, each region and kind by its own days."""

    SCALE_MINIMUM = "scale_minimum"
    BEST_REPORTED = "best_reported"
    #: The baseline mean, or the mean of the reported days when that is worse: a missing day that could
    #: only help would not be a worst case.
    BASELINE_MEAN = "baseline_mean"
    WORST_REPORTED = "worst_reported"
    SCALE_MAXIMUM = "scale_maximum"


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict with the missing days filled by ``value`` (the target's); ``fill`` None is as observed."""

    fill: Fill | None
    value: Fraction | None
    answer: Answer
    exact: Fraction | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The best case, what was observed, and the worst case, with the target's number of missing days."""

    missing_days: int
    best: Case
    observed: Case
    worst: Case


def assess_bounds(
    evidence: Evidence,
    *,
    rule_set: RuleSet,
    best: Fill = Fill.BEST_REPORTED,
    worst: Fill = Fill.BASELINE_MEAN,
) -> Bounds:
    """The verdict if every missing day of the trial window were as good as ``best``, as bad as ``worst``.

    A fill that does not exist (no reported day, no baseline) leaves the days missing and has value None.
    """
    trial = OpenTrial.of(evidence, rule_set=rule_set)
    observed = trial.judged(trial.observed)
    return Bounds(
        missing_days=trial.target.trial.missing_days,
        best=_case(trial, best),
        observed=Case(None, None, observed.answer, observed.reduction.exact),
        worst=_case(trial, worst),
    )


def largest_mean_kept(
    threshold: Fraction, *, baseline_mean: Fraction, trial_total: Fraction, trial_days: int, missing_days: int
) -> Fraction:
    """The largest mean of the missing days, in scale points, at which the reduction is still ``threshold``.

    ``x = ((1 - threshold) * B * (n + m) - T) / m`` for n observed days with total T and m missing days: at
    x and below, the fall of the mean over all n + m days is at least ``threshold``; above it, it is not.
    Not clipped: below the scale's minimum nothing can save the reduction, above its maximum nothing can
    undo it. Raises ValueError without a missing day or with a baseline of 0, where no percent exists.
    """
    if missing_days < 1 or baseline_mean <= 0:
        raise ValueError("a tipping point needs at least one missing day and a baseline above 0")
    allowed = (1 - threshold) * baseline_mean * (trial_days + missing_days)
    return (allowed - trial_total) / missing_days


def evenings_to_flip(
    threshold: Fraction, *, baseline_mean: Fraction, trial_total: Fraction, trial_days: int
) -> int | None:
    """How many more days at the baseline mean end a reduction of ``threshold``, in a window that grows.

    The smallest k with ``T + k*B > (1 - threshold) * B * (n + k)``, that is
    ``floor(((1 - threshold)*B*n - T) / (threshold*B)) + 1``; None when the reduction is not reached, when
    there is no day or when the baseline is 0. A window of the last n days does not grow: ask
    ``assess_evenings``.
    """
    slack = (1 - threshold) * baseline_mean * trial_days - trial_total
    if slack < 0 or baseline_mean <= 0 or trial_days < 1:
        return None
    return floor(slack / (threshold * baseline_mean)) + 1


@dataclass(frozen=True, slots=True)
class Turn:
    """Where the verdict changes as the mean of the missing days rises: the answers below, at and above it.

    With a reduction the answer at ``mean`` is still the one below: ``mean`` is the largest that keeps it.
    ``reachable`` is false when scores on the scale can only give one of the answers.
    """

    mean: Fraction
    below: Answer
    at: Answer
    above: Answer
    reachable: bool


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """Every turn of the verdict over the mean of the target's missing days, ascending.

    Without a turn the missing days cannot change the answer ``observed``, whatever they hold.
    """

    missing_days: int
    observed: Answer
    turns: tuple[Turn, ...]


def find_tipping_point(evidence: Evidence, *, rule_set: RuleSet) -> TippingPoint:
    """The largest mean of the target's missing days that keeps the verdict, for any tree of criteria.

    Days of other regions and kinds stay as observed. No missing day, a zero or missing baseline: no turn.
    """
    trial = OpenTrial.of(evidence, rule_set=rule_set)
    observed = trial.judged(trial.observed).answer
    means = sorted(set(_candidates(trial)))
    turns = tuple(turn for turn in _turns(trial, means) if len({turn.below, turn.at, turn.above}) > 1)
    return TippingPoint(trial.target.trial.missing_days, observed, turns)


@dataclass(frozen=True, slots=True)
class Evenings:
    """``count`` more evenings at baseline level turn ``observed`` into ``becomes``; None when none do."""

    count: int | None
    observed: Answer
    becomes: Answer | None


def assess_evenings(evidence: Evidence, *, rule_set: RuleSet, at_most: int = MOST_EVENINGS) -> Evenings:
    """How many more evenings at the baseline mean, each on the day after the last, change the verdict.

    The trial's own window moves with them, so of "the last three days" the oldest drop out. None when
    ``at_most`` evenings change nothing, when the trial has no day yet or the target has no baseline.
    """
    trial = OpenTrial.of(evidence, rule_set=rule_set)
    observed = trial.judged(trial.observed).answer
    if trial.target.baseline.mean is not None and trial.sides[trial.decision].trial.last_day is not None:
        for count in range(1, at_most + 1):
            answer = trial.judged(_with_evenings(trial, count)).answer
            if answer is not observed:
                return Evenings(count, observed, answer)
    return Evenings(None, observed, None)


@dataclass(frozen=True, slots=True)
class Influence:
    """The verdict with one day left out: ``exact`` is its percent reduction, ``flips`` says it differs."""

    day: date
    phase: DiaryPhase
    answer: Answer
    exact: Fraction | None
    flips: bool


def assess_influence(evidence: Evidence, *, rule_set: RuleSet) -> tuple[Influence, ...]:
    """The verdict with each single day of either window left out in turn, baseline first, days ascending.

    A day left out counts as missing; the window does not slide to another day in its place.
    """
    trial = OpenTrial.of(evidence, rule_set=rule_set)
    observed = trial.judged(trial.observed).answer
    return tuple(_left_out(trial, phase, day, observed) for phase, day in trial.days())


def _filled(trial: OpenTrial, view: View, value: Fraction | None) -> PairFigures:
    figures = trial.observed[view]
    held = figures.trial
    if value is None or not held.missing_days:
        return figures
    mean = (held.total + held.missing_days * value) / (held.days + held.missing_days)
    return replace(figures, trial=impute(held, mean=mean, asks_days=asks_days(trial.rule_set)))


def _case(trial: OpenTrial, fill: Fill) -> Case:
    values = {view: _FILLS[fill](trial, view) for view in trial.observed}
    verdict = trial.judged({view: _filled(trial, view, value) for view, value in values.items()})
    return Case(fill, values[(trial.decision, None)], verdict.answer, verdict.reduction.exact)


def _reported(trial: OpenTrial, view: View) -> Iterable[Fraction]:
    return trial.sides[view[0]].trial.within(trial.windows(view)[1]).values()


def _baseline_or_worse(trial: OpenTrial, view: View) -> Fraction | None:
    figures = trial.observed[view]
    if figures.baseline.mean is None:
        return None
    return max(figures.baseline.mean, figures.trial.mean or Fraction(0))


_FILLS: Final[Mapping[Fill, Callable[[OpenTrial, View], Fraction | None]]] = MappingProxyType(
    {
        Fill.SCALE_MINIMUM: lambda trial, _view: trial.scale.minimum,
        Fill.BEST_REPORTED: lambda trial, view: min(_reported(trial, view), default=None),
        Fill.BASELINE_MEAN: _baseline_or_worse,
        Fill.WORST_REPORTED: lambda trial, view: max(_reported(trial, view), default=None),
        Fill.SCALE_MAXIMUM: lambda trial, _view: trial.scale.maximum,
    }
)


def _candidates(trial: OpenTrial) -> Iterator[Fraction]:
    """Means of the missing days at which a criterion on the target's trial mean changes its mind."""
    for node in walk(trial.rule_set.root):
        if isinstance(node, PainCriterion) and node.pair == trial.decision:
            held, limit = trial.figures.pair_of(node).trial, _LIMITS.get(type(node), _no_limit)(trial, node)
            if limit is not None and held.missing_days:
                yield (limit * (held.days + held.missing_days) - held.total) / held.missing_days


def _no_limit(_trial: OpenTrial, _node: Criterion) -> Fraction | None:
    return None


def _reduced_mean(trial: OpenTrial, node: PainReduction) -> Fraction | None:
    baseline = trial.figures.pair_of(node).baseline.mean
    return (1 - node.threshold) * baseline if baseline else None


def _mean_at_level(trial: OpenTrial, node: PainLevel) -> Fraction | None:
    if node.when is not DiaryPhase.TRIAL or not trial.scale.has_true_zero:
        return None
    return trial.scale.minimum + node.place.share * (trial.scale.maximum - trial.scale.minimum)


# Keyed by node type, so each function gets the type it declares; hence Any. A kind of criterion that
# looks at the target's trial mean and is not here would have its turns overlooked: a test asks each kind.
_LIMITS: Final[Mapping[type[Criterion], Callable[[OpenTrial, Any], Fraction | None]]] = MappingProxyType(
    {PainReduction: _reduced_mean, PainLevel: _mean_at_level}
)


def _turns(trial: OpenTrial, means: list[Fraction]) -> Iterator[Turn]:
    # Between two neighbouring candidates nothing changes, so one point there speaks for all.
    between = [(one + other) / 2 for one, other in pairwise(means)]
    points = [*(mean - 1 for mean in means[:1]), *between, *(mean + 1 for mean in means[-1:])]
    for mean, (below, above) in zip(means, pairwise(points), strict=True):
        answers = [_answer_at(trial, point) for point in (below, mean, above)]
        yield Turn(mean, answers[0], answers[1], answers[2], _is_reachable(mean, answers, trial.scale))


def _is_reachable(mean: Fraction, answers: list[Answer], scale: Scale) -> bool:
    on_scale = scale.minimum < mean, scale.minimum <= mean <= scale.maximum, mean < scale.maximum
    return len({answer for answer, can_be in zip(answers, on_scale, strict=True) if can_be}) > 1


def _answer_at(trial: OpenTrial, mean: Fraction) -> Answer:
    values = {view: mean if view[0] == trial.decision else None for view in trial.observed}
    return trial.judged({view: _filled(trial, view, value) for view, value in values.items()}).answer


def _with_evenings(trial: OpenTrial, count: int) -> dict[View, PairFigures]:
    return {
        view: trial.figured(view, _extended(trial.sides[view[0]], held.baseline, count))
        for view, held in trial.observed.items()
    }


def _extended(sides: Sides, baseline: WindowFigures, count: int) -> Sides:
    diary = sides.trial
    if diary.last_day is None:
        return sides
    evenings = [diary.last_day + timedelta(days=n) for n in range(1, count + 1)]
    added = {} if baseline.mean is None else dict.fromkeys(evenings, baseline.mean)
    return replace(sides, trial=replace(diary, values={**diary.values, **added}, last_day=evenings[-1]))


def _left_out(trial: OpenTrial, phase: DiaryPhase, day: date, observed: Answer) -> Influence:
    # Phases may overlap on a day in a file by hand; only the side in question loses it.
    verdict = trial.judged(
        {view: trial.figured(view, _without(trial.sides[view[0]], phase, day)) for view in trial.observed}
    )
    return Influence(day, phase, verdict.answer, verdict.reduction.exact, verdict.answer is not observed)


def _without(sides: Sides, phase: DiaryPhase, day: date) -> Sides:
    if phase is DiaryPhase.BASELINE:
        return replace(sides, baseline=sides.baseline.without(day))
    return replace(sides, trial=sides.trial.without(day))
