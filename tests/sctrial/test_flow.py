"""The flow of a cohort: what comes in at one step leaves by name or goes on."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.flow import STAGES, BadCourse, Course, Stage, Step, compute_flow

LOSSES = ("too early to tell", "declined", "did not meet the rule")


def courses_of(places: list[tuple[int, str]]) -> list[Course]:
    last = STAGES[-1]
    return [
        Course(str(n), STAGES[place], "" if STAGES[place] is last else loss)
        for n, (place, loss) in enumerate(places)
    ]


def test_ten_referred_patients_by_hand() -> None:
    left = [
        (Stage.REFERRED, "not eligible"),
        (Stage.ELIGIBLE, "declined"),
        (Stage.TRIALLED, "did not meet the rule"),
        (Stage.TRIALLED, "did not meet the rule"),
        (Stage.TRIALLED, "not evaluable"),
        (Stage.MET, "declined"),
        (Stage.IMPLANTED, "explanted"),
        *[(Stage.STILL_RESPONDING, "")] * 3,
    ]
    assert compute_flow(Course(str(n), *course) for n, course in enumerate(left)) == (
        Step(Stage.REFERRED, 10, (("not eligible", 1),)),
        Step(Stage.ELIGIBLE, 10 - 1, (("declined", 1),)),
        Step(Stage.TRIALLED, 9 - 1, (("did not meet the rule", 2), ("not evaluable", 1))),
        Step(Stage.MET, 8 - 3, (("declined", 1),)),
        Step(Stage.IMPLANTED, 5 - 1, (("explanted", 1),)),
        Step(Stage.STILL_RESPONDING, 4 - 1, ()),
    )


@given(st.lists(st.tuples(st.integers(0, len(STAGES) - 1), st.sampled_from(LOSSES))))
def test_each_step_is_the_one_before_it_without_its_losses(places: list[tuple[int, str]]) -> None:
    steps = compute_flow(courses_of(places))

    assert steps[0].n == len(places)
    for before, after in pairwise(steps):
        assert after.n == before.n - sum(n for _, n in before.losses)


def test_a_loss_without_a_name_is_refused() -> None:
    with pytest.raises(BadCourse, match="name the loss"):
        Course("a", Stage.MET)


def test_a_trial_counted_twice_is_refused() -> None:
    with pytest.raises(BadCourse, match="'a' is in the cohort twice"):
        compute_flow([Course("a", Stage.MET, "declined")] * 2)
