"""What a cohort's result would be if its missing days were this or that: every answer beside the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any, Final

from sctrial.cohort import Outcome
from sctrial.kleene import Answer
from sctrial.missing import NON_RESPONDER_ENDS, Policy, fill_days
from sctrial.phases import EndReason
from sctrial.pooling import ENOUGH_IMPUTATIONS, Pooled, pool_estimates

if TYPE_CHECKING:
    import numpy as np

Days = Mapping[date, Fraction]
#: A line through fewer has no spread to draw from.
FEWEST_COMPLETE: Final = 5


class CannotImpute(ValueError):
    """Too few complete trials to learn from, or too few imputations."""


@dataclass(frozen=True, slots=True)
class Diary:
    """Day values of one trial in points, and the days that its trial phase should have."""

    trial: str
    baseline: Days
    days: Days
    first_day: date
    last_day: date
    end_reason: EndReason | None = None


def fill_outcome(diary: Diary, *, policy: Policy, threshold: Fraction = Fraction(50)) -> Outcome:
    """One trial with its missing days treated by ``policy``; met from ``threshold`` percent reduction on.

    Under the composite policy a trial that ended for lack of effect or harm is not met, whatever its days
    say. Without a percent it is not evaluable. Source of the policies: ``sctrial.missing``.
    """
    filled = fill_days(
        diary.days,
        policy=policy,
        first_day=diary.first_day,
        last_day=diary.last_day,
        baseline=diary.baseline,
    )
    technical = diary.end_reason is EndReason.TECHNICAL_FAILURE
    sides = _mean(diary.baseline), _mean(filled.values)
    plain = Outcome(diary.trial, Answer.NOT_EVALUABLE, *sides, technical)
    lost = policy is Policy.COMPOSITE_NON_RESPONDER and diary.end_reason in NON_RESPONDER_ENDS
    exact = plain.reduction.exact
    if lost:
        answer = Answer.NOT_MET
    elif exact is None:
        answer = Answer.NOT_EVALUABLE
    else:
        answer = Answer.MET if exact >= threshold else Answer.NOT_MET
    return Outcome(diary.trial, answer, *sides, technical)


def _mean(days: Days) -> Fraction | None:
    if not days:
        return None
    # Whole numbers over one denominator: a sum of fractions is reduced at each step.
    common = lcm(*(value.denominator for value in days.values()))
    total = sum(value.numerator * (common // value.denominator) for value in days.values())
    return Fraction(total, common * len(days))


def impute_change(
    outcomes: Iterable[Outcome], *, generator: "np.random.Generator", imputations: int = ENOUGH_IMPUTATIONS
) -> Pooled:
    """Mean change (points, negative is relief) with trial means drawn from the baseline mean where missing.

    Normal regression of trial mean on baseline mean among complete trials; each imputation draws the spread
    from its scaled inverse chi-square and the line from its normal, then the missing means about the line
    (Rubin 1987, example 5.1). Means are missing at random given the baseline; drawn ones are not cut.
    Pooled by Rubin's rules with Barnard and Rubin's degrees of freedom. ``generator`` is seeded by the
    caller: the same seed gives the same answer. Technical failures and trials without a baseline are left
    out. Raises CannotImpute below five complete trials or 20 imputations.
    """
    import numpy as np

    if imputations < ENOUGH_IMPUTATIONS:
        raise CannotImpute(f"draw {ENOUGH_IMPUTATIONS} imputations or more")
    known = [one for one in outcomes if one.baseline_mean is not None and not one.technical_failure]
    baseline = np.array([float(one.baseline_mean or 0) for one in known])
    trial = np.array([np.nan if one.trial_mean is None else float(one.trial_mean) for one in known])
    whole = ~np.isnan(trial)
    if whole.sum() < FEWEST_COMPLETE or np.ptp(baseline[whole]) == 0:
        raise CannotImpute(f"{FEWEST_COMPLETE} complete trials with different baselines are needed")
    draws = [_draw(baseline, trial, whole, generator) - baseline for _ in range(imputations)]
    return pool_estimates(
        [float(change.mean()) for change in draws],
        variances=_variances(draws),
        complete_degrees_of_freedom=len(known) - 1,
    )


def _variances(draws: Sequence[Any]) -> list[float]:
    return [float(change.var(ddof=1)) / len(change) for change in draws]


def _draw(baseline: Any, trial: Any, whole: Any, generator: "np.random.Generator") -> Any:
    import numpy as np

    design = np.column_stack([np.ones(whole.sum()), baseline[whole]])
    fitted, *_ = np.linalg.lstsq(design, trial[whole], rcond=None)
    freedom = len(design) - 2
    squares = float(((trial[whole] - design @ fitted) ** 2).sum())
    spread = squares / generator.chisquare(freedom)
    line = generator.multivariate_normal(fitted, spread * np.linalg.inv(design.T @ design))
    filled = trial.copy()
    gaps = ~whole
    filled[gaps] = line[0] + line[1] * baseline[gaps] + generator.normal(0, spread**0.5, gaps.sum())
    return filled
