"""What a trial's result would be if its missing days were this or that; of a cohort: ``sctrial.filling``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm

from sctrial.cohort import Outcome
from sctrial.kleene import Answer
from sctrial.missing import NON_RESPONDER_ENDS, Policy, fill_days
from sctrial.phases import EndReason

Days = Mapping[date, Fraction]


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
