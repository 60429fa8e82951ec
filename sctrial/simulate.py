"""Made-up diaries with a known truth: for proving calibration, for tests, for trying the program out.

Every draw comes from the ``random.Random`` that is handed in, so a seed gives the same diaries everywhere.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Final, NamedTuple

from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, TARGET, Scale, ScaleCode, ScoreKind, show_exactly

FIRST_DAY: Final = date(2026, 3, 2)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so about a patient: scale points, shares; ``reduction`` 0.5 is 50 % less pain."""

    baseline_mean: float
    reduction: float
    day_sd: float
    lag1: float

    @property
    def trial_mean(self) -> float:
        """Mean pain of the trial phase before rounding and clipping."""
        return self.baseline_mean * (1.0 - self.reduction)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Between which ends each fact of a patient is drawn, evenly; by default those of the calibration."""

    baseline_mean: tuple[float, float] = (5.5, 8.5)
    reduction: tuple[float, float] = (0.1, 0.8)
    day_sd: tuple[float, float] = (0.7, 2.0)
    lag1: tuple[float, float] = (0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a diary is kept: days of each phase, days between them, and the share of days without an answer."""

    baseline_days: int = 7
    trial_days: int = 7
    days_between: int = 1
    missing: float = 0.0
    first_day: date = FIRST_DAY
    scale: Scale = SCALES[ScaleCode.NRS_11]


class Diary(NamedTuple):
    """The answered days of both phases, in scale points."""

    baseline: dict[date, Fraction]
    trial: dict[date, Fraction]


def draw_truth(rng: Random, *, ranges: Ranges = Ranges()) -> Truth:
    """One patient, each fact even between its ends and independent of the others."""
    return Truth(
        rng.uniform(*ranges.baseline_mean),
        rng.uniform(*ranges.reduction),
        rng.uniform(*ranges.day_sd),
        rng.uniform(*ranges.lag1),
    )


def draw_diary(rng: Random, *, truth: Truth, plan: Plan = Plan()) -> Diary:
    """One diary: mean of the phase plus first-order autoregressive noise, rounded and clipped to the scale.

    The noise runs on through the days between the phases; its SD on any one day is ``truth.day_sd``. Days go
    missing independently of pain, which is kinder than life. Source: AR(1) process, Box and Jenkins 1970.
    """
    total = plan.baseline_days + plan.days_between + plan.trial_days
    noise = list(_noise(rng, truth=truth, days=total))
    baseline = range(plan.baseline_days)
    trial = range(plan.baseline_days + plan.days_between, total)
    return Diary(
        _answers(rng, mean=truth.baseline_mean, noise=noise, days=baseline, plan=plan),
        _answers(rng, mean=truth.trial_mean, noise=noise, days=trial, plan=plan),
    )


def simulate_rows(
    rng: Random, *, patients: int, ranges: Ranges = Ranges(), plan: Plan = Plan()
) -> Iterator[tuple[str, ...]]:
    """Tidy rows in the order of ``sctrial.tidy.COLUMNS``, patients SIM-0001 onward, all cells text."""
    for number in range(1, patients + 1):
        diary = draw_diary(rng, truth=draw_truth(rng, ranges=ranges), plan=plan)
        for phase, days in ((DiaryPhase.BASELINE, diary.baseline), (DiaryPhase.TRIAL, diary.trial)):
            for day, value in days.items():
                asked = (phase.value, TARGET, ScoreKind.AVERAGE.value)
                yield (f"SIM-{number:04d}", day.isoformat(), *asked, show_exactly(value))


def report_score(pain: float, *, scale: Scale) -> Fraction:
    """The score that stands for ``pain``: nearest unit of the scale, half up, never beyond its ends."""
    units = math.floor(pain * scale.per_point + 0.5)
    return min(max(Fraction(units, scale.per_point), scale.minimum), scale.maximum)


def _noise(rng: Random, *, truth: Truth, days: int) -> Iterator[float]:
    fresh = math.sqrt(1.0 - truth.lag1 * truth.lag1)
    today = rng.gauss(0.0, 1.0)
    for _ in range(days):
        yield truth.day_sd * today
        today = truth.lag1 * today + fresh * rng.gauss(0.0, 1.0)


def _answers(
    rng: Random, *, mean: float, noise: list[float], days: range, plan: Plan
) -> dict[date, Fraction]:
    return {
        plan.first_day + timedelta(days=day): report_score(mean + noise[day], scale=plan.scale)
        for day in days
        if rng.random() >= plan.missing
    }
