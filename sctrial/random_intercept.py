"""A level a patient, a change in the trial phase, and nothing else: restricted likelihood from sums.

With one random intercept the likelihood needs of each patient only the number of days and the sums of their
values, so its cost does not grow with the days, nor with patients who have as many of them.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating[Any]]
#: Shares of the variance between which the best is looked for; the highest means no spread within patients.
_SHARES: Final = np.linspace(0, 1 - 1e-9, 65)
#: A spread smaller than this share of the values' own is rounding.
_NOTHING: Final = 1e-12


class NoSpread(ValueError):
    """Days that leave nothing to estimate a spread from; the message says why."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """In the unit of the values; ``is_at_zero``: patients do not differ more than their days do."""

    #: Of the baseline, over patients.
    level: float
    change: float
    standard_error: float
    between_sd: float
    within_sd: float

    @property
    def is_at_zero(self) -> bool:
        return self.between_sd == 0


@dataclass(frozen=True, slots=True)
class _Sums:
    """Per number of days n a patient: patients, and over them m, m*m, s, m*s, s*s (m trial days, s sum)."""

    n: Numbers
    patients: Numbers
    m: Numbers
    mm: Numbers
    s: Numbers
    ms: Numbers
    ss: Numbers
    #: Over all days: the sum in the trial phase, and of squares.
    t: float
    q: float

    @property
    def days(self) -> float:
        return float((self.n * self.patients).sum())


def fit_random_intercept(patient: npt.NDArray[np.int64], *, in_trial: Numbers, value: Numbers) -> Fitted:
    """``value = level + change * in_trial + patient + day``; the days are independent about the patient.

    Rows in any order; ``patient`` are whole numbers from 0, ``in_trial`` is 0 or 1. The share of the variance
    that lies between patients is found by its profile restricted likelihood; error and spreads follow from it
    in closed form. Raises NoSpread for fewer than two patients or four days, and for values that do not
    differ within a patient and phase.

    Source: Laird and Ware 1982; Patterson and Thompson 1971 for the restricted likelihood.
    """
    from scipy.optimize import brentq

    middle = float(value.mean())
    sums = _sums_of(patient, in_trial, value - middle)
    if sums.days < 4 or sums.patients.sum() < 2:
        raise NoSpread("two patients and four days are needed")
    if sums.q <= 0:
        raise NoSpread("all values are the same")
    found = [_deviance(share, sums) for share in _SHARES]
    best = int(np.argmin(found))
    low, high = _SHARES[max(0, best - 1)], _SHARES[min(best + 1, len(_SHARES) - 1)]
    # By the slope, for the values near a flat bottom tell only half their digits apart. An end has none.
    has_bottom = _slope(low, sums) < 0 < _slope(high, sums)
    share = float(brentq(_slope, low, high, args=(sums,), xtol=1e-15)) if has_bottom else float(_SHARES[best])
    return _fitted(share, sums, middle=middle)


def _sums_of(patient: npt.NDArray[np.int64], in_trial: Numbers, value: Numbers) -> _Sums:
    n, m, s = (np.bincount(patient, of).astype(np.float64) for of in (np.ones(len(value)), in_trial, value))
    sizes, place = np.unique(n, return_inverse=True)
    keep = sizes > 0

    def total(of: Numbers) -> Numbers:
        return np.bincount(place, of).astype(np.float64)[keep]

    return _Sums(
        n=sizes[keep],
        patients=total(np.ones(len(n))),
        m=total(m),
        mm=total(m * m),
        s=total(s),
        ms=total(m * s),
        ss=total(s * s),
        t=float((value * in_trial).sum()),
        q=float((value * value).sum()),
    )


def _solve(share: float, sums: _Sums) -> tuple[Numbers, Numbers, float]:
    """Of the generalised least squares at this share: its matrix, the estimates, the residual square."""
    # V is (I + ratio * J) a patient, whose inverse takes weight * J away.
    weight = share / (1 - share + sums.n * share)
    level = (sums.n * sums.patients).sum() - (weight * sums.n**2 * sums.patients).sum()
    both = sums.m.sum() - (weight * sums.n * sums.m).sum()
    matrix = np.array([[level, both], [both, sums.m.sum() - (weight * sums.mm).sum()]])
    right = np.array([sums.s.sum() - (weight * sums.n * sums.s).sum(), sums.t - (weight * sums.ms).sum()])
    try:
        estimates = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError as error:
        raise NoSpread("no patient has days of both phases, and each phase has one patient") from error
    residual = sums.q - (weight * sums.ss).sum() - float(right @ estimates)
    return matrix, estimates, float(residual)


def _deviance(share: float, sums: _Sums) -> float:
    """Minus twice the profile restricted log likelihood, but for a constant."""
    matrix, _, residual = _solve(share, sums)
    if residual <= _NOTHING * sums.q:
        raise NoSpread("the values do not differ within a patient and phase")
    ratio = share / (1 - share)
    inside = float((sums.patients * np.log1p(sums.n * ratio)).sum())
    return (sums.days - 2) * log(residual) + inside + float(np.linalg.slogdet(matrix)[1])


def _slope(share: float, sums: _Sums) -> float:
    """Of the deviance by the share."""
    matrix, estimates, residual = _solve(share, sums)
    spread = 1 - share + sums.n * share
    # By how much the weight of a patient grows.
    grows = 1 / spread**2
    both = -(grows * sums.n * sums.m).sum()
    of_matrix = np.array(
        [[-(grows * sums.n**2 * sums.patients).sum(), both], [both, -(grows * sums.mm).sum()]]
    )
    of_right = -np.array([(grows * sums.n * sums.s).sum(), (grows * sums.ms).sum()])
    of_fit = 2 * float(of_right @ estimates) - float(estimates @ of_matrix @ estimates)
    of_residual = -(grows * sums.ss).sum() - of_fit
    inside = (sums.patients * sums.n / spread).sum() / (1 - share)
    turned = float(np.trace(np.linalg.solve(matrix, of_matrix)))
    return float((sums.days - 2) * of_residual / residual + inside + turned)


def _fitted(share: float, sums: _Sums, *, middle: float) -> Fitted:
    matrix, estimates, residual = _solve(share, sums)
    within = residual / (sums.days - 2)
    error = sqrt(within * float(np.linalg.inv(matrix)[1, 1]))
    level, change = estimates.tolist()
    return Fitted(middle + level, change, error, sqrt(within * share / (1 - share)), sqrt(within))
