"""What was forecast against what happened: bins of stated probabilities, each with an interval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import fmean
from typing import Final

from sctrial.intervals import CONFIDENCE, Count, Proportion, compute_proportion

#: Ends of the bins; a default of this project. The last bin holds 1.
EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: A bin of fewer is marked as too small to read; a default of this project.
ENOUGH: Final = 10


class BadForecast(ValueError):
    """A probability outside 0 to 1."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """``probability`` stated for one trial before, and what ``happened``."""

    probability: float
    happened: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts from ``low`` up to ``high``: their mean, and the share in which it happened (Wilson)."""

    low: float
    high: float
    mean_forecast: float | None
    happened: Proportion

    @property
    def is_small(self) -> bool:
        """Whether there are too few to read anything from the share."""
        return self.happened.count.of < ENOUGH


@dataclass(frozen=True, slots=True)
class Calibration:
    """The bins; ``brier`` is the mean squared error, 0 at best and 0.25 for always saying one half."""

    n: int
    bins: tuple[Bin, ...]
    brier: float | None


def compute_calibration(
    forecasts: Iterable[Forecast], *, edges: Sequence[float] = EDGES, confidence: Fraction = CONFIDENCE
) -> Calibration:
    """Every forecast in one bin, lower end included, the last bin with its upper end. Raises BadForecast.

    Sources: reliability diagram, Murphy and Winkler 1977; score, Brier 1950.
    """
    found = list(forecasts)
    if not all(0 <= one.probability <= 1 for one in found):
        raise BadForecast("a probability lies between 0 and 1; correct it")
    pairs = list(pairwise(edges))
    bins = tuple(
        _bin(low, high, found, last=(low, high) == pairs[-1], confidence=confidence) for low, high in pairs
    )
    errors = [(one.probability - one.happened) ** 2 for one in found]
    return Calibration(len(found), bins, fmean(errors) if errors else None)


def _bin(low: float, high: float, forecasts: list[Forecast], *, last: bool, confidence: Fraction) -> Bin:
    inside = [one for one in forecasts if low <= one.probability < high or (last and one.probability == high)]
    count = Count(sum(one.happened for one in inside), len(inside))
    mean = fmean(one.probability for one in inside) if inside else None
    return Bin(low, high, mean, compute_proportion(count, confidence=confidence))
