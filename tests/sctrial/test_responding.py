"""Rates at four cut-offs and the mean change, on a cohort that one can count."""

from fractions import Fraction

import pytest

from sctrial.cohort import Outcome
from sctrial.intervals import Count, ProportionMethod
from sctrial.kleene import Answer
from sctrial.responding import MeanOf, compute_mean, compute_mean_change, compute_responders

F = Fraction


def outcome(trial: str, before: int | None, after: int | None, *, technical: bool = False) -> Outcome:
    sides = [None if side is None else F(side) for side in (before, after)]
    return Outcome(trial, Answer.NOT_EVALUABLE, sides[0], sides[1], technical)


# 80, 70, 50 and 0 percent; nothing known; a technical failure; a baseline of 0.
COHORT = (
    outcome("a", 10, 2),
    outcome("b", 10, 3),
    outcome("c", 10, 5),
    outcome("d", 10, 10),
    outcome("e", 10, None),
    outcome("f", 10, 0, technical=True),
    outcome("g", 0, 1),
)


@pytest.mark.parametrize(("lost_are_failures", "of"), [(False, 4), (True, 5)])
def test_the_boundary_counts_and_the_lost_stand_in_the_denominator_when_asked(
    lost_are_failures: bool, of: int
) -> None:
    found = compute_responders(COHORT, missing_as_nonresponders=lost_are_failures)

    assert [(one.cut_off, one.rate.count) for one in found.rates] == [
        (30, Count(3, of)), (50, Count(3, of)), (70, Count(2, of)), (80, Count(1, of)),
    ]  # fmt: skip
    assert {one.rate.method for one in found.rates} == {ProportionMethod.WILSON}


def test_the_mean_change_keeps_a_zero_baseline() -> None:
    found = compute_mean_change(COHORT)
    assert (found.n, found.mean) == (5, (-8 - 7 - 5 - 0 + 1) / 5)


def test_the_interval_of_a_mean_is_students() -> None:
    # Of 1, 2, 3: mean 2, sd 1; t(2) at 97.5 % is 4.3027.
    found = compute_mean([1, 2, 3])
    assert found.interval is not None
    assert found.interval.high == pytest.approx(2 + 4.3027 / 3**0.5, abs=1e-4)


@pytest.mark.parametrize(("values", "mean"), [([], None), ([4.0], 4.0)])
def test_too_few_have_no_interval(values: list[float], mean: float | None) -> None:
    assert compute_mean(values) == MeanOf(len(values), mean, None, None)
