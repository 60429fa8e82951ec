"""What a mixed model leaves over: of each day and of each patient, as numbers that should be standard normal.

A model that does not fit says so here: days far out, a lean to one side, a trend within a phase, neighbouring
days that are alike.
"""

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from sctrial.columns import DAY, PATIENT, PHASE, TRIAL, VALUE, Ints
from sctrial.intervals import CONFIDENCE, Interval
from sctrial.phases import DiaryPhase
from sctrial.pooling import MixedModel
from sctrial.random_intercept import Numbers

if TYPE_CHECKING:
    import pandas as pd

#: Beyond so many standard deviations lies 0.27 % of a normal distribution.
FAR: Final = 3
_TINY: Final = 1e-12
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spread:
    """``beyond`` of ``n`` lie more than three standard deviations out; of normal ones ``expected`` would.

    ``skewness`` is 0 where both sides are alike, above 0 with a longer tail to more pain; None of fewer
    than three, or where nothing differs.
    """

    n: int
    beyond: int
    expected: float
    skewness: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Change a day of what is left over, in the unit of the values; above 0 is growing pain."""

    slope: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Residuals:
    """``days`` and ``patients`` in standard deviations; no patients where their spread is 0.

    ``trends`` by phase, None of fewer than three days or of one day's number only. ``neighbours`` is the
    correlation of neighbouring days of a trial and phase, about 0 or a little below where days are
    independent; None without two such pairs.
    """

    days: Numbers
    patients: Numbers
    trends: dict[DiaryPhase, Trend | None]
    neighbours: float | None


def compute_residuals(frame: "pd.DataFrame", *, model: MixedModel) -> Residuals | None:
    """Of the frame that ``model`` was fitted to; None where it could not be fitted.

    A day: value less the fitted course and its patient's predicted level, over the standard deviation that
    this has, ``s*sqrt(1 - w)`` with ``w`` as in ``sctrial.random_intercept``. A patient: the predicted level
    over its own, ``u*sqrt(n*w)``. Both leave out that level and change were estimated too.

    Source: Laird and Ware 1982; Pinheiro and Bates 2000.
    """
    if model.level is None or model.change is None or not model.within_sd or model.between_sd is None:
        return None
    ordered = frame.sort_values([TRIAL, DAY], kind="stable")
    after = (ordered[PHASE] == DiaryPhase.TRIAL.value).to_numpy()
    left = ordered[VALUE].to_numpy() - model.level - model.change * after
    patient = ordered[PATIENT if PATIENT in ordered else TRIAL].to_numpy()
    n = np.bincount(patient)
    share = model.between_sd**2 / (model.between_sd**2 + model.within_sd**2)
    weight = share / (1 - share + n * share)
    level = weight * np.bincount(patient, left)
    left = left - level[patient]
    days = left / (model.within_sd * np.sqrt(1 - weight[patient]))
    day = ordered[DAY].to_numpy()
    return Residuals(
        days,
        level[n > 0] / (model.between_sd * np.sqrt((n * weight)[n > 0])) if model.between_sd else level[:0],
        {
            phase: _trend(day[side], left[side])
            for phase, side in ((DiaryPhase.BASELINE, ~after), (DiaryPhase.TRIAL, after))
        },
        _neighbours(ordered[TRIAL].to_numpy(), day, after, days),
    )


def describe_spread(values: Numbers) -> Spread:
    """How far ``values``, in standard deviations, are from a standard normal distribution."""
    from scipy.stats import norm, skew

    differ = len(values) > 2 and float(values.std()) > _TINY
    return Spread(
        n=len(values),
        beyond=int((np.abs(values) > FAR).sum()),
        expected=len(values) * 2 * float(norm.sf(FAR)),
        skewness=float(skew(values, bias=False)) if differ else None,
    )


def compare_quantiles(values: Numbers, *, most: int = 100) -> list[tuple[float, float]]:
    """Normal quantiles and values, ascending; of more than ``most`` evenly chosen ones with both ends.

    The k-th of n stands at the normal quantile of ``(k - 1/2)/n`` (Hazen 1914).
    """
    from scipy.stats import norm

    n = len(values)
    chosen = np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)) if n else np.arange(0)
    places = norm.ppf((chosen + 0.5) / max(1, n))
    return list(zip(places.tolist(), np.sort(values)[chosen].tolist(), strict=True))


def _trend(day: Ints, left: Numbers) -> Trend | None:
    from scipy.stats import linregress, t

    if len(day) < 3 or day.min() == day.max():
        return None
    line = linregress(day, left)
    half = float(t.ppf(float((1 + CONFIDENCE) / 2), len(day) - 2)) * float(line.stderr)
    return Trend(float(line.slope), Interval(float(line.slope) - half, float(line.slope) + half))


def _neighbours(trial: Ints, day: Ints, after: Flags, days: Numbers) -> float | None:
    pairs = (np.diff(trial) == 0) & (np.diff(day) == 1) & (np.diff(after.astype(np.int64)) == 0)
    one, other = days[:-1][pairs], days[1:][pairs]
    spread = sqrt(float((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / spread if pairs.sum() > 1 and spread > _TINY else None
