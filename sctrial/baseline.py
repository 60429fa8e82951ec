"""How good the baseline is: its days, its spread, and whether choosing the patient has already lowered it.

A patient let in because a score was high will, on average, score lower the next time with no treatment at
all: regression to the mean. A percent reduction from such a score credits the stimulator with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import isqrt
from types import MappingProxyType
from typing import Final

from sctrial.windows import Window, summarise_window

#: Day-to-day standard deviation above which the baseline is called unsteady: a default of this project.
#: Harris 2005 saw 1.61 +/- 0.66 within patients with fibromyalgia; a larger spread goes with a larger
#: response to placebo (Farrar 2014).
UNSTEADY_ABOVE: Final = Fraction(2)
#: Fewest days in the last seven for a baseline that can carry a percent: a default of this project.
FEWEST_DAYS: Final = 4
#: Mean below which percents swing on little: a default of this project. Payers and trials ask for 5 of 10
#: (NICE TA159, PROMISE, TRIAL-STIM).
LOW_BELOW: Final = Fraction(5)
#: The points of the scale that the two limits above are written for.
_LIMITS_OF: Final = Fraction(10)


class BaselineFlag(StrEnum):
    """What should be known before a percent from this baseline is believed."""

    FEW_DAYS = "few_days"
    UNSTEADY = "unsteady"
    LOW = "low"
    REGRESSION_TO_THE_MEAN = "regression_to_the_mean"

    @property
    def meaning(self) -> str:
        """The flag in a sentence."""
        return _MEANING[self]


_MEANING: Final[Mapping[BaselineFlag, str]] = MappingProxyType(
    {
        BaselineFlag.FEW_DAYS: "The baseline has fewer days than a percent should rest on.",
        BaselineFlag.UNSTEADY: "The baseline varies so much from day to day that a fall may be chance.",
        BaselineFlag.LOW: "The baseline is low, so that a small change makes a large percent.",
        BaselineFlag.REGRESSION_TO_THE_MEAN: (
            "A minimum score was required to take part; pain would tend to fall untreated."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Selection:
    """How the patient was let in: the score that was required, and the score that was seen, if noted."""

    minimum: Fraction
    score: Fraction | None = None


@dataclass(frozen=True, slots=True)
class BaselineLimits:
    """Limits of the flags; points are on a 0-10 scale and stretched to the scale in use."""

    fewest_days: int = FEWEST_DAYS
    unsteady_above: Fraction = UNSTEADY_ABOVE
    low_below: Fraction = LOW_BELOW


@dataclass(frozen=True, slots=True)
class BaselineQuality:
    """The baseline window in figures; ``variance`` of the day values has the divisor n - 1.

    ``fall_since_selection`` is the score that let the patient in less the baseline mean: what was gone
    before any lead was placed. ``recalled_above_diary`` is the recalled baseline less the diary's mean.
    """

    days: int
    missing_days: int
    mean: Fraction | None
    lowest: Fraction | None
    highest: Fraction | None
    variance: Fraction | None
    fall_since_selection: Fraction | None
    recalled_above_diary: Fraction | None
    flags: tuple[BaselineFlag, ...]


def assess_baseline(
    day_values: Mapping[date, Fraction],
    *,
    window: Window,
    first_day: date | None,
    last_day: date | None,
    scale_span: Fraction,
    selection: Selection | None = None,
    recalled: Fraction | None = None,
    limits: BaselineLimits | None = None,
) -> BaselineQuality:
    """Days, spread and warnings of the baseline window over ``day_values`` (scale points).

    ``first_day`` and ``last_day`` bound the baseline diary as in ``summarise_window``; ``scale_span`` is the
    scale's maximum less its minimum. The spread is compared as ``variance > limit ** 2``, so no root is
    taken. The warning about regression to the mean is raised whenever a minimum was required, whatever the
    diary shows: its size needs the spread of the whole population (Barnett 2005) and is not guessed here.
    """
    held = summarise_window(day_values, window=window, first_day=first_day, last_day=last_day)
    inside = [value for day, value in day_values.items() if _is_between(day, held.first_day, held.last_day)]
    mean, variance = held.mean, compute_variance(inside)
    points = scale_span / _LIMITS_OF
    used = limits or BaselineLimits()
    raised = {
        BaselineFlag.FEW_DAYS: held.days < used.fewest_days,
        BaselineFlag.UNSTEADY: variance is not None and variance > (used.unsteady_above * points) ** 2,
        BaselineFlag.LOW: mean is not None and mean < used.low_below * points,
        BaselineFlag.REGRESSION_TO_THE_MEAN: selection is not None,
    }
    return BaselineQuality(
        days=held.days,
        missing_days=held.missing_days,
        mean=mean,
        lowest=min(inside, default=None),
        highest=max(inside, default=None),
        variance=variance,
        fall_since_selection=_less(selection.score if selection else None, mean),
        recalled_above_diary=_less(recalled, mean),
        flags=tuple(flag for flag, is_raised in raised.items() if is_raised),
    )


def compute_variance(values: list[Fraction]) -> Fraction | None:
    """``sum((x - mean)^2) / (n - 1)`` in squared scale points, exact; None for fewer than two values."""
    if len(values) < 2:
        return None
    mean = Fraction(sum(values)) / len(values)
    return Fraction(sum((value - mean) ** 2 for value in values)) / (len(values) - 1)


def display_sd(variance: Fraction | None) -> str:
    """The standard deviation to two decimals, half away from zero, from whole numbers only; "-" without one.

    ``round(sqrt(v), 2)`` is the floor of ``100*sqrt(v) + 1/2``, that is of ``(sqrt(40000*v) + 1) / 2``.
    """
    if variance is None:
        return "-"
    hundredths = (isqrt(40_000 * variance.numerator // variance.denominator) + 1) // 2
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _is_between(day: date, first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and first <= day <= last


def _less(score: Fraction | None, mean: Fraction | None) -> Fraction | None:
    return None if score is None or mean is None else score - mean
