"""Percent reduction, thresholds compared without division, and how a percent is printed."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, overload

_HUNDRED: Final = 100
_POWER: Final = {0: 1, 2: 100}
NOT_EVALUABLE: Final = "not evaluable"


class NoPercent(StrEnum):
    """Why there is no percent."""

    BASELINE_ZERO = "baseline_zero"
    BASELINE_MISSING = "baseline_missing"
    TRIAL_MISSING = "trial_missing"


@dataclass(frozen=True, slots=True)
class Reduction:
    """A percent (50 is "50 %"), or the reason why there is none; exactly one of the two is given."""

    exact: Fraction | None
    reason: NoPercent | None = None


@overload
def is_reduced_by(
    threshold: Fraction,
    *,
    baseline_total: int | Fraction,
    baseline_days: int,
    trial_total: int | Fraction,
    trial_days: int,
) -> bool: ...
@overload
def is_reduced_by(
    threshold: Fraction, *, baseline_total: Any, baseline_days: Any, trial_total: Any, trial_days: Any
) -> Any: ...
def is_reduced_by(
    threshold: Fraction, *, baseline_total: Any, baseline_days: Any, trial_total: Any, trial_days: Any
) -> Any:
    """Whether the mean fell by at least ``threshold`` (1/2 is 50 %), boundary included.

    With threshold p/q: ``q * (B*nT - T*nB) >= p * B*nT`` on totals B, T and numbers of days nB, nT. Plain
    operators only, so one body serves int, Fraction and whole int64 columns. A zero baseline or a side
    without days answers False, where the inequality alone would say 0 >= 0: there the question cannot be
    put at all, and the caller answers "not evaluable" before asking. Negative thresholds are meaningless.

    Source: (baseline - follow-up) / baseline >= 50 %, ClinicalTrials.gov NCT01818297.
    """
    weighted = baseline_total * trial_days
    fallen = weighted - trial_total * baseline_days
    # The product is above 0 only when there is a baseline and there are trial days; totals without
    # days are 0, so a baseline without days is caught as well.
    return (weighted > 0) & (threshold.denominator * fallen >= threshold.numerator * weighted)


def compute_percent_reduction(baseline_mean: Fraction | None, *, trial_mean: Fraction | None) -> Reduction:
    """``100 * (baseline - trial) / baseline`` in percent; positive is better, never clipped.

    A zero baseline has no percent, whatever followed. None stands for a side without a day.
    Source: percent change as in Farrar 2001, sign turned so that relief is positive.
    """
    if baseline_mean is None:
        return Reduction(None, NoPercent.BASELINE_MISSING)
    if baseline_mean == 0:
        return Reduction(None, NoPercent.BASELINE_ZERO)
    if trial_mean is None:
        return Reduction(None, NoPercent.TRIAL_MISSING)
    return Reduction(_HUNDRED * (baseline_mean - trial_mean) / Fraction(baseline_mean))


def compute_percent_change(baseline_mean: Fraction | None, *, trial_mean: Fraction | None) -> Reduction:
    """``100 * (trial - baseline) / baseline`` in percent; negative is better (CDISC ADaM variable PCHG).

    The same number as the percent reduction with the other sign, and undefined in the same cases.
    """
    reduction = compute_percent_reduction(baseline_mean, trial_mean=trial_mean)
    return reduction if reduction.exact is None else Reduction(-reduction.exact)


def display_percent(percent: Fraction | None) -> str:
    """Whole percent, half away from zero, ASCII minus: 2640/53 is "50 %". None is "not evaluable".

    For tables only: a sentence about a threshold uses ``display_percent_at``.
    """
    return NOT_EVALUABLE if percent is None else f"{_decimal(_rounded(percent, places=0), places=0)} %"


def display_percent_at(percent: Fraction, *, threshold: Fraction) -> str:
    """Two decimals, half away from zero, but never rounded across ``threshold`` (1/2 is 50 %).

    49.996 against 50 % prints as "49.99 %": what is printed stands on the side where the value is.
    """
    limit = threshold * _HUNDRED
    units = _rounded(percent, places=2)
    shown = Fraction(units, _HUNDRED)
    if percent < limit <= shown:
        units -= 1
    elif shown < limit <= percent:
        units += 1
    return f"{_decimal(units, places=2)} %"


def display_mean(value: Fraction | None) -> str:
    """Two decimals, half away from zero, in the unit of the value; None is "not evaluable"."""
    return NOT_EVALUABLE if value is None else _decimal(_rounded(value, places=2), places=2)


def _rounded(value: Fraction, *, places: int) -> int:
    numerator, denominator = abs(value.numerator) * _POWER[places], value.denominator
    # Doubling and adding one half before the floor is "half up" on the absolute value, in whole numbers.
    units = (2 * numerator + denominator) // (2 * denominator)
    return -units if value < 0 else units


def _decimal(units: int, *, places: int) -> str:
    digits = f"{abs(units):0{places + 1}d}"
    sign = "-" if units < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
