"""Computed and stated relief side by side, at the edges of both flags."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.reduction import compute_percent_reduction, is_reduced_by
from sctrial.reliefs import Discordance, NotAPercent, compare_reliefs

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
HALF = F(1, 2)
FAR, STATED, COMPUTED = Discordance.FAR_APART, Discordance.STATED_ONLY, Discordance.COMPUTED_ONLY

# fmt: off
#   computed                     stated  difference             disagree in
CASES = [
    (F(54),                      F(59),  F(59 - 54),            ()),               # means of Hagedorn 2021
    (F(60),                      F(80),  F(20),                 ()),               # 20 is not more than 20
    (F(60),                      F(81),  F(21),                 (FAR,)),
    (F(81),                      F(60),  F(-21),                (FAR,)),
    (F(2640, 53),                F(50),  50 - F(2640, 53),      (STATED,)),        # 49.81 % fails
    (F(50),                      F(49),  F(-1),                 (COMPUTED,)),
    (F(30),                      F(80),  F(50),                 (FAR, STATED)),
    (F(-900),                    F(0),   F(900),                (FAR,)),           # from 1 to 10: a worsening
]
# fmt: on


@pytest.mark.parametrize(("computed", "stated", "difference", "found"), CASES)
def test_the_two_reliefs_are_held_against_each_other(
    computed: F, stated: F, difference: F, found: tuple[Discordance, ...]
) -> None:
    reliefs = compare_reliefs(computed, stated=stated, threshold=HALF)

    assert reliefs.difference == difference
    assert reliefs.discordances == found
    assert reliefs.is_discordant is bool(found)


@pytest.mark.parametrize(("computed", "stated"), [(None, F(50)), (F(50), None), (None, None)])
def test_with_one_of_them_missing_nobody_knows(computed: F | None, stated: F | None) -> None:
    reliefs = compare_reliefs(computed, stated=stated, threshold=HALF)

    assert (reliefs.difference, reliefs.discordances, reliefs.is_discordant) == (None, None, None)
    assert (reliefs.computed, reliefs.stated) == (computed, stated)


def test_nobody_loses_more_than_all_pain() -> None:
    with pytest.raises(NotAPercent, match="ask the patient again"):
        compare_reliefs(F(50), stated=F(101), threshold=HALF)

    assert compare_reliefs(F(100), stated=F(100), threshold=F(1)).is_discordant is False


def test_gap_and_threshold_are_the_callers_to_set() -> None:
    assert compare_reliefs(F(30), stated=F(34), threshold=F(3, 10), beyond=F(5)).discordances == ()
    assert compare_reliefs(F(29), stated=F(34), threshold=F(3, 10), beyond=F(4)).discordances == (FAR, STATED)


totals = st.integers(0, 70)


@unhurried
@given(totals, totals, st.integers(1, 7), st.integers(1, 7), st.fractions(F(1, 100), 1, max_denominator=100))
def test_the_side_of_the_threshold_is_the_one_that_the_verdict_takes(
    before: int, after: int, before_days: int, after_days: int, threshold: F
) -> None:
    percent = compute_percent_reduction(F(before, before_days), trial_mean=F(after, after_days)).exact
    reached = is_reduced_by(
        threshold, baseline_total=before, baseline_days=before_days, trial_total=after, trial_days=after_days
    )

    found = compare_reliefs(percent, stated=F(100), threshold=threshold).discordances

    assert percent is None or (STATED in (found or ())) is not reached


def test_every_discordance_has_a_sentence() -> None:
    assert all(found.meaning.endswith(".") for found in Discordance)
