"""Who the people of an imported table are, as far as the import keeps it."""

from fractions import Fraction

from apps.cohorts.reports.arms import WHY_NO_MORE, arms_before
from sctrial.cohort import Outcome
from sctrial.kleene import Answer


def person(before: int | None, after: int | None) -> Outcome:
    first, last = (None if one is None else Fraction(one) for one in (before, after))
    return Outcome("somebody", Answer.NOT_EVALUABLE, first, last)


def test_each_arm_has_its_people_their_scores_before_and_who_is_missing() -> None:
    found = arms_before({"A": [person(4, 1), person(6, None), person(None, 2)], "B": [person(5, 5)]})

    # Of 4 and 6: mean 5, standard deviation the root of (1 + 1) / 1.
    assert found.rows == (("A", 3, "5.00", f"{2**0.5:.2f}", 1, 1), ("B", 1, "5.00", None, 0, 0))
    assert (found.n, found.notes) == (3 + 1, (WHY_NO_MORE,))


def test_a_table_with_nobody_says_so() -> None:
    assert arms_before({}).empty == "The table has nobody in it."
