"""Baseline and trial side of whole cohorts: did the mean fall far enough, and by how much, exactly.

The twin of ``sctrial.reduction`` on the totals of ``sctrial.totals``. The caller takes every trial for which
``has_room`` says no through ``answer_of`` and ``percent_text``.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from sctrial.columns import Ints
from sctrial.figures import PairFigures
from sctrial.kleene import Answer
from sctrial.reduction import compute_percent_reduction, is_reduced_by
from sctrial.seal import fraction_text
from sctrial.totals import ROOM, Flags, estimate

#: The threshold that leaves room for a percent, which is a hundred times the share.
PERCENT: Final = Fraction(1, 100)
CODES: Final = {answer: place for place, answer in enumerate(Answer)}
#: Far more than any threshold needs, and small enough to be multiplied with a column.
_LARGEST_THRESHOLD: Final = 2**31


@dataclass(frozen=True, slots=True)
class Side:
    """Figures of one phase, an element a trial."""

    days: Ints
    numerator: Ints
    denominator: Ints
    fits: Flags

    def __getitem__(self, chosen: slice | Flags) -> "Side":
        return Side(self.days[chosen], self.numerator[chosen], self.denominator[chosen], self.fits[chosen])


def has_room(before: Side, after: Side, *, threshold: Fraction) -> Flags:
    """Whether every product of the comparison stays within int64."""
    largest = max(threshold.numerator, threshold.denominator)
    fallen = estimate(before.numerator, after.denominator, after.days)
    fallen += estimate(after.numerator, before.denominator, before.days)
    return before.fits & after.fits & (fallen * largest < ROOM) & (largest < _LARGEST_THRESHOLD)


def answer_codes(before: Side, after: Side, *, threshold: Fraction) -> Ints:
    evaluable = (before.days > 0) & (after.days > 0) & (before.numerator != 0)
    # Each side times the other's denominator: their ratio, which is all that counts, stays the same.
    reached = is_reduced_by(
        threshold,
        baseline_total=before.numerator * after.denominator,
        baseline_days=before.days,
        trial_total=after.numerator * before.denominator,
        trial_days=after.days,
    )
    met_or_not = np.where(reached, CODES[Answer.MET], CODES[Answer.NOT_MET])
    return np.where(evaluable, met_or_not, CODES[Answer.NOT_EVALUABLE])


def percent_texts(before: Side, after: Side) -> list[str | None]:
    # As in is_reduced_by: each side over the other's denominator.
    weighted = before.numerator * after.denominator * after.days
    fallen = PERCENT.denominator * (weighted - after.numerator * before.denominator * before.days)
    known = (weighted != 0) & (before.days > 0) & (after.days > 0)
    common = np.maximum(np.gcd(fallen, weighted), 1)
    texts = zip((fallen // common).tolist(), (weighted // common).tolist(), known.tolist(), strict=True)
    return [f"{numerator}/{denominator}" if is_known else None for numerator, denominator, is_known in texts]


def percent_text(figures: PairFigures) -> str | None:
    exact = compute_percent_reduction(figures.baseline.mean, trial_mean=figures.trial.mean).exact
    return None if exact is None else fraction_text(exact)


def answer_of(figures: PairFigures, *, threshold: Fraction) -> Answer:
    before, after = figures.baseline, figures.trial
    if not before.days or not after.days or before.total == 0:
        return Answer.NOT_EVALUABLE
    reached = is_reduced_by(
        threshold,
        baseline_total=before.total,
        baseline_days=before.days,
        trial_total=after.total,
        trial_days=after.days,
    )
    return Answer.MET if reached else Answer.NOT_MET
