"""Four trials in columns, filled in every way; one by one they agree by ``laws/test_filling_agrees``."""

from fractions import Fraction

import numpy as np
import pytest

from sctrial.filling import Gapped, fill_cohort
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import EndReason

ANSWERS = tuple(Answer)
NAN = float("nan")
#: A side effect ended the first, a technical failure the last; each should have two days of baseline (1, 2)
#: and four of the trial (3 to 6). A dot is a missing day.
COHORT = (
    ("8 8", "4 2 . .", EndReason.FAILURE_SIDE_EFFECT),
    ("8 8", ". . . .", EndReason.SUCCESS),
    (". .", "4 4 4 4", EndReason.SUCCESS),
    ("6 .", ". 3 3 3", EndReason.TECHNICAL_FAILURE),
)


def gapped(*cohort: tuple[str, str, EndReason | None]) -> Gapped:
    rows = [
        (2 * trial + (day > 2), day, int(value))
        for trial, (before, after, _) in enumerate(cohort)
        for day, value in enumerate(f"{before} {after}".split(), start=1)
        if value != "."
    ]
    cell, day, value = np.array(rows, np.int64).reshape(-1, 3).T
    opens, closes = np.tile([1, 3], len(cohort)), np.tile([2, 6], len(cohort))
    return Gapped(cell, day, value, np.ones_like(value), opens, closes, [end for _, _, end in cohort])


@pytest.mark.parametrize(
    ("policy", "changes", "answers"),
    [
        (Policy.OBSERVED, (3 - 8, NAN, NAN, 3 - 6), "met, not_evaluable, not_evaluable, met"),
        (Policy.LOCF, ((4 + 2 + 2 + 2) / 4 - 8, NAN, NAN, 3 - 6), "met, not_evaluable, not_evaluable, met"),
        (
            Policy.BOCF,
            ((4 + 2 + 8 + 8) / 4 - 8, 8 - 8, NAN, (6 + 3 + 3 + 3) / 4 - 6),
            "not_met, not_met, not_evaluable, not_met",
        ),
        (
            Policy.WOCF_TRIAL,
            ((4 + 2 + 4 + 4) / 4 - 8, NAN, NAN, 3 - 6),
            "met, not_evaluable, not_evaluable, met",
        ),
        (
            Policy.WOCF_WITH_BASELINE,
            ((4 + 2 + 8 + 8) / 4 - 8, 8 - 8, NAN, (6 + 3 + 3 + 3) / 4 - 6),
            "not_met, not_met, not_evaluable, not_met",
        ),
        (
            Policy.COMPOSITE_NON_RESPONDER,
            (3 - 8, NAN, NAN, 3 - 6),
            "not_met, not_evaluable, not_evaluable, met",
        ),
    ],
)
def test_a_cohort_under_every_policy(policy: Policy, changes: tuple[float, ...], answers: str) -> None:
    found = fill_cohort(gapped(*COHORT), policy=policy)

    assert np.array_equal(found.changes, changes, equal_nan=True)
    assert ", ".join(ANSWERS[code].value for code in found.answers().tolist()) == answers


def test_missing_days_are_counted_by_phase_within_the_days_that_there_should_be() -> None:
    assert gapped(*COHORT).gaps.reshape(-1, 2).tolist() == [[0, 2], [0, 4], [2, 0], [1, 1]]


def test_a_threshold_counts_its_boundary() -> None:
    # From 10 to 3 is exactly 70 %.
    found = fill_cohort(gapped(("10 10", "3 3 3 3", None)), policy=Policy.OBSERVED)

    assert [ANSWERS[found.answers(Fraction(share, 100))[0]] for share in (70, 71)] == [
        Answer.MET,
        Answer.NOT_MET,
    ]


def test_a_cohort_of_nobody_is_empty() -> None:
    nobody = gapped()

    assert [len(fill_cohort(nobody, policy=policy).changes) for policy in Policy] == [0] * len(Policy)
