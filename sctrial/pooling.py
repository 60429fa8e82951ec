"""Rubin's rules after imputation, and a mixed model of the days.

scipy is imported inside the functions, for it takes a second to load and no verdict needs it. What is wrong
with a fit is part of the result: nobody reads a log when a table is at hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite, sqrt
from statistics import fmean, variance
from typing import TYPE_CHECKING, Final

from sctrial.columns import DAY, PATIENT, PHASE, TRIAL, VALUE
from sctrial.intervals import CONFIDENCE, Interval
from sctrial.phases import DiaryPhase
from sctrial.random_intercept import Fitted, NoSpread, fit_random_intercept

if TYPE_CHECKING:
    import pandas as pd

#: Fewer imputations leave the pooled error itself too uncertain. A default of this project.
ENOUGH_IMPUTATIONS: Final = 20
AT_ZERO: Final = (
    "the spread between patients is estimated as 0, the least there can be; patients do not differ more than "
    "their days do"
)


class CannotPool(ValueError):
    """Estimates that Rubin's rules do not apply to, or a frame without the two phases."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Several imputations as one; ``interval`` is in the unit of the estimate.

    ``within`` and ``between`` are variances, ``total`` the variance of the estimate, ``increase`` its
    relative increase through the missing values.
    """

    estimate: float
    within: float
    between: float
    total: float
    increase: float
    degrees_of_freedom: float
    interval: Interval
    imputations: int
    warnings: tuple[str, ...]

    @property
    def missing_information(self) -> float:
        """Share of what complete data would have told of the estimate, from 0 to 1 (Rubin 1987)."""
        return _missing_information(self.increase, self.degrees_of_freedom)


def pool_estimates(
    estimates: Sequence[float],
    *,
    variances: Sequence[float],
    complete_degrees_of_freedom: float | None = None,
    confidence: Fraction = CONFIDENCE,
) -> Pooled:
    """Rubin's rules over m imputed data sets.

    ``Q = mean(Q_i)``, ``W = mean(U_i)``, ``B = var(Q_i)`` over m-1, ``T = W + (1 + 1/m)*B``,
    ``r = (1 + 1/m)*B/W``, degrees of freedom ``(m-1)*(1 + 1/r)^2``. With the degrees of freedom that complete
    data would have had, those of Barnard and Rubin 1999, which never exceed them; imputations that all agree
    have lost nothing and keep them. Raises CannotPool for fewer than two imputations, unequal lengths, or a
    variance that is not above 0.

    Source: Rubin 1987; Barnard and Rubin 1999.
    """
    _require_poolable(estimates, variances)
    m, within, between = len(estimates), fmean(variances), variance(estimates)
    extra = (1 + 1 / m) * between
    freedom = _degrees_of_freedom(m, extra, within, complete_degrees_of_freedom)
    estimate, total = fmean(estimates), within + extra
    half = _t_quantile(confidence, freedom) * sqrt(total)
    few = f"only {m} imputations; use at least {ENOUGH_IMPUTATIONS}"
    return Pooled(
        estimate=estimate,
        within=within,
        between=between,
        total=total,
        increase=extra / within,
        degrees_of_freedom=freedom,
        interval=Interval(estimate - half, estimate + half),
        imputations=m,
        warnings=() if m >= ENOUGH_IMPUTATIONS else (few,),
    )


def _require_poolable(estimates: Sequence[float], variances: Sequence[float]) -> None:
    if len(estimates) < 2 or len(estimates) != len(variances):
        raise CannotPool("Rubin's rules need two imputations or more, each with an estimate and its variance")
    if not all(map(isfinite, [*estimates, *variances])) or min(variances) <= 0:
        raise CannotPool("every estimate must be a number and every variance a number above 0")


def _degrees_of_freedom(m: int, extra: float, within: float, complete: float | None) -> float:
    if not extra:
        # Barnard and Rubin's would fall short of what complete data have, though nothing is missing.
        return inf if complete is None else complete
    large_sample = (m - 1) * (1 + within / extra) ** 2
    if complete is None:
        return large_sample
    missing_share = extra / (within + extra)
    observed = (complete + 1) / (complete + 3) * complete * (1 - missing_share)
    return 1 / (1 / large_sample + 1 / observed)


def _missing_information(increase: float, degrees_of_freedom: float) -> float:
    # Its second term is for few imputations; where nothing is missing they are all alike.
    if increase == inf:
        return 1.0
    return (increase + 2 / (degrees_of_freedom + 3)) / (1 + increase) if increase else 0.0


@dataclass(frozen=True, slots=True)
class PooledShare:
    """A proportion of ``of`` patients over several imputations; ``share`` and ``interval`` from 0 to 1."""

    share: float
    of: int
    increase: float
    degrees_of_freedom: float
    interval: Interval
    imputations: int

    @property
    def missing_information(self) -> float:
        """As ``Pooled.missing_information``."""
        return _missing_information(self.increase, self.degrees_of_freedom)


def pool_shares(counts: Sequence[int], *, of: int, confidence: Fraction = CONFIDENCE) -> PooledShare:
    """A proportion after m imputations of the same ``of`` patients, ``counts`` of whom met in each.

    Rubin's rules give Q, r and the degrees of freedom with ``U_i = p_i*(1 - p_i)/n``. The interval is
    Wilson's with ``t^2 * (1 + r)`` in place of ``z^2``: all p with ``(Q - p)^2 <= t^2*(1 + r)*p*(1 - p)/n``;
    where all imputations agree it is Wilson's own. Raises CannotPool.

    Source: Lott and Reiter 2020 (The American Statistician 74:109).
    """
    if len(counts) < 2 or of < 1 or not all(0 <= count <= of for count in counts):
        raise CannotPool("a pooled share needs two imputations or more, each with its count of somebody")
    m = len(counts)
    share, within = sum(counts) / (m * of), fmean([count * (of - count) / of**3 for count in counts])
    extra = (1 + 1 / m) * float(variance(counts)) / of**2
    if extra and not within:
        # Everybody or nobody, by chance: the imputations say nothing about the share.
        return PooledShare(share, of, inf, 0.0, Interval(0.0, 1.0), m)
    freedom = _degrees_of_freedom(m, extra, within, None)
    increase = extra / within if extra else 0.0
    interval = widen_wilson(share, of=of, increase=increase, freedom=freedom, confidence=confidence)
    return PooledShare(share, of, increase, freedom, interval, m)


def widen_wilson(
    share: float, *, of: int, increase: float, freedom: float, confidence: Fraction = CONFIDENCE
) -> Interval:
    """Wilson's interval of ``share`` of ``of`` patients of a variance larger by ``increase``, by Student's t.

    Source: as ``pool_shares``.
    """
    z2 = _t_quantile(confidence, freedom) ** 2 * (1 + increase) / of
    centre = (share + z2 / 2) / (1 + z2)
    half = sqrt(z2 * share * (1 - share) + z2**2 / 4) / (1 + z2)
    # Rounding would leave 1e-18 where the formula says 0, as in ``sctrial.intervals``.
    return Interval(centre - half if share > 0 else 0.0, centre + half if share < 1 else 1.0)


def _t_quantile(confidence: Fraction, degrees_of_freedom: float) -> float:
    from scipy.stats import norm, t

    upper = float((1 + confidence) / 2)
    return float(norm.ppf(upper) if degrees_of_freedom == inf else t.ppf(upper, degrees_of_freedom))


@dataclass(frozen=True, slots=True)
class MixedModel:
    """Mean change from baseline to trial over a cohort, in the unit of the values; negative is relief.

    ``level`` is that of the baseline over patients, ``between_sd`` the spread of theirs about it and
    ``within_sd`` that of the days about them. None throughout when the model could not be fitted;
    ``warnings`` says why, or what to know of the fit.
    """

    level: float | None
    change: float | None
    standard_error: float | None
    interval: Interval | None
    between_sd: float | None
    within_sd: float | None
    trials: int
    days: int
    converged: bool
    warnings: tuple[str, ...]


def fit_mixed_model(frame: "pd.DataFrame", *, confidence: Fraction = CONFIDENCE) -> MixedModel:
    """``value = baseline level + change in the trial phase + patient + day``, by restricted likelihood.

    ``frame`` has the columns trial, day, phase and value of ``sctrial.columns``, one region and one kind, a
    row a day. A random intercept a patient: a column ``patient`` of whole numbers from 0 says which trials
    are of one, else each is a patient of its own. Days are taken as independent about it, which makes the
    interval too narrow when neighbouring days are alike. Missing days are simply absent (missing at random).
    The interval is normal, without a small-sample correction. Raises CannotPool without both phases.

    Source: Laird and Ware 1982; the fit is ``sctrial.random_intercept``.
    """
    phases = set(frame[PHASE].unique())
    if phases != {phase.value for phase in DiaryPhase}:
        raise CannotPool(
            f"a change needs days of both phases; there are: {', '.join(sorted(phases)) or 'none'}"
        )
    trials, days = int(frame[TRIAL].nunique()), len(frame[[TRIAL, DAY]].drop_duplicates())
    try:
        fitted = _fit(frame)
    except NoSpread as error:
        said = (f"the model could not be fitted: {error}",)
        return MixedModel(None, None, None, None, None, None, trials, days, converged=False, warnings=said)
    half = _t_quantile(confidence, inf) * fitted.standard_error
    return MixedModel(
        level=fitted.level,
        change=fitted.change,
        standard_error=fitted.standard_error,
        interval=Interval(fitted.change - half, fitted.change + half),
        between_sd=fitted.between_sd,
        within_sd=fitted.within_sd,
        trials=trials,
        days=days,
        converged=True,
        warnings=(AT_ZERO,) if fitted.is_at_zero else (),
    )


def _fit(frame: "pd.DataFrame") -> Fitted:
    # In one order, so that sums are rounded alike whatever order the rows come in.
    ordered = frame.sort_values([TRIAL, DAY], kind="stable")
    return fit_random_intercept(
        ordered[PATIENT if PATIENT in ordered else TRIAL].to_numpy(),
        in_trial=(ordered[PHASE] == DiaryPhase.TRIAL.value).astype("float64").to_numpy(),
        value=ordered[VALUE].astype("float64").to_numpy(),
    )
