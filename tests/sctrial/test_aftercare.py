"""What is left of the relief after an implant, and when the patient is seen."""

from datetime import date
from fractions import Fraction

import pytest

from sctrial.aftercare import MONTHS, due_on, relief_left

# fmt: off
RELIEF = [
    # baseline        pain              percent                    >= 30  >= 50
    (Fraction(7),     Fraction(7, 2),   Fraction(50),              True,  True),
    # Check case B of the domain facts: prints as 50 % and is not.
    (Fraction(53, 7), Fraction(19, 5),  Fraction(2640, 53),        True,  False),
    (Fraction(10),    Fraction(7),      Fraction(30),              True,  False),
    (Fraction(10),    Fraction(71, 10), Fraction(29),              False, False),
    (Fraction(5),     Fraction(6),      Fraction(-20),             False, False),
    (Fraction(7),     Fraction(0),      Fraction(100),             True,  True),
    (Fraction(0),     Fraction(3),      None,                      None,  None),
    (None,            Fraction(3),      None,                      None,  None),
    (Fraction(7),     None,             None,                      None,  None),
]
DUE = [
    # implanted on        month  due on
    (date(2026, 1, 15),   1,     date(2026, 2, 15)),
    (date(2026, 1, 31),   1,     date(2026, 2, 28)),
    (date(2028, 1, 31),   1,     date(2028, 2, 29)),
    (date(2026, 12, 31),  6,     date(2027, 6, 30)),
    (date(2026, 12, 1),   12,    date(2027, 12, 1)),
    (date(2024, 2, 29),   24,    date(2026, 2, 28)),
]
# fmt: on


@pytest.mark.parametrize(("baseline", "pain", "percent", "moderate", "substantial"), RELIEF)
def test_relief_is_held_to_the_baseline_of_the_trial_exactly(
    baseline: Fraction | None,
    pain: Fraction | None,
    percent: Fraction | None,
    moderate: bool | None,
    substantial: bool | None,
) -> None:
    left = relief_left(baseline, pain=pain)

    assert (left.percent, left.still_moderate, left.still_substantial) == (percent, moderate, substantial)


@pytest.mark.parametrize(("implanted", "month", "due"), DUE)
def test_a_visit_is_due_on_the_same_day_of_its_month(implanted: date, month: int, due: date) -> None:
    assert due_on(implanted, month=month) == due


def test_the_visits_are_those_of_the_plan() -> None:
    assert MONTHS == (1, 3, 6, 12, 24)
