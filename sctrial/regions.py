"""Target pain apart from every other pain, and the days after the procedure shown but left out.

The wound of lead placement hurts for days and is not what the stimulator is for. A clinic declares which
days are procedure days; their scores stay on the page, and the figures are given with and without them.
"Overall" pain is a region of its own and never a mean of regions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from sctrial.evidence import Evidence
from sctrial.reduction import Reduction, compute_percent_reduction
from sctrial.refigure import read_sides
from sctrial.scales import TARGET, ScoreKind
from sctrial.windows import WindowFigures

#: The region of the wound. It is reported like any other and never enters the target.
WOUND: Final = "wound"

#: Day 0 is the day of lead placement; days 0 to 2 are a default of this project.
PROCEDURE_DAYS: Final = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Calendar days from ``first_day`` to ``last_day``, both included. Raises ValueError when reversed."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError(f"{self.first_day} to {self.last_day} runs backwards; exchange the two days")

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def procedure_span(lead_placed_on: date, *, days: int = PROCEDURE_DAYS) -> Span:
    """The first ``days`` days of the trial, counted from the day of lead placement. Raises ValueError."""
    return Span(lead_placed_on, lead_placed_on + timedelta(days=days - 1))


@dataclass(frozen=True, slots=True)
class RegionRelief:
    """One region with all its days and without the days left out.

    ``left_out`` holds the trial scores that the span takes out of the window, ascending; they are shown,
    and they are neither scores nor missing days of ``trial_without``. Percent reductions are as in
    ``sctrial.reduction``: positive is better, None with a reason without a baseline, a day or at 0.
    """

    region: str
    is_target: bool
    baseline: WindowFigures
    trial: WindowFigures
    reduction: Reduction
    left_out: tuple[tuple[date, Fraction], ...]
    trial_without: WindowFigures
    reduction_without: Reduction


def compute_region_reliefs(
    evidence: Evidence, *, kind: ScoreKind, left_out: Span | None = None
) -> tuple[RegionRelief, ...]:
    """Relief of each region that has scores of ``kind``, the target first, the others by name.

    The windows are the trial's own; they are placed before ``left_out`` is taken from them, so that no
    window slides to other days.
    """
    regions = {entry.region for entry in evidence.entries if entry.kind is kind} | {TARGET}
    ordered = sorted(regions, key=lambda region: (region != TARGET, region))
    return tuple(_relief(evidence, region, kind, left_out) for region in ordered)


def _relief(evidence: Evidence, region: str, kind: ScoreKind, left_out: Span | None) -> RegionRelief:
    protocol = evidence.protocol
    sides = read_sides(evidence, pair=(region, kind), several=protocol.several)
    figures = sides.figures(baseline_window=protocol.baseline_window, trial_window=protocol.trial_window)
    shown = {} if left_out is None else _inside(sides.trial.within(protocol.trial_window), left_out)
    without = figures.trial if left_out is None else _less(figures.trial, shown, left_out)
    return RegionRelief(
        region=region,
        is_target=region == TARGET,
        baseline=figures.baseline,
        trial=figures.trial,
        reduction=_reduction(figures.baseline, figures.trial),
        left_out=tuple(shown.items()),
        trial_without=without,
        reduction_without=_reduction(figures.baseline, without),
    )


def _inside(values: Mapping[date, Fraction], span: Span) -> dict[date, Fraction]:
    return {day: value for day, value in values.items() if day in span}


def _less(figures: WindowFigures, shown: Mapping[date, Fraction], span: Span) -> WindowFigures:
    missing = tuple(day for day in figures.missing_dates if day not in span)
    return replace(
        figures,
        days=figures.days - len(shown),
        total=figures.total - sum(shown.values()),
        missing_days=figures.missing_days - len(figures.missing_dates) + len(missing),
        missing_dates=missing,
    )


def _reduction(baseline: WindowFigures, trial: WindowFigures) -> Reduction:
    return compute_percent_reduction(baseline.mean, trial_mean=trial.mean)
