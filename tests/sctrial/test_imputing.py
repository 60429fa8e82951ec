"""A trial with gaps under every policy."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from sctrial.imputing import Diary, fill_outcome
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import EndReason

F = Fraction
FIRST = date(2026, 10, 8)


def days(*values: int) -> dict[date, Fraction]:
    return {FIRST + timedelta(n): F(value) for n, value in enumerate(values)}


# Baseline 8; trial 4 and 2, then two days without an answer: the last was 2, the worst 4.
GAPPED = Diary(
    "a", {FIRST - timedelta(1): F(8)}, days(4, 2), FIRST, FIRST + timedelta(3), EndReason.FAILURE_SIDE_EFFECT
)


@pytest.mark.parametrize(
    ("policy", "trial_mean", "answer"),
    [
        (Policy.OBSERVED, F(4 + 2, 2), Answer.MET),
        (Policy.LOCF, F(4 + 2 + 2 + 2, 4), Answer.MET),
        (Policy.BOCF, F(4 + 2 + 8 + 8, 4), Answer.NOT_MET),
        (Policy.WOCF_TRIAL, F(4 + 2 + 4 + 4, 4), Answer.MET),
        (Policy.WOCF_WITH_BASELINE, F(4 + 2 + 8 + 8, 4), Answer.NOT_MET),
        (Policy.COMPOSITE_NON_RESPONDER, F(4 + 2, 2), Answer.NOT_MET),
    ],
)
def test_one_diary_under_every_policy(policy: Policy, trial_mean: Fraction, answer: Answer) -> None:
    found = fill_outcome(GAPPED, policy=policy)
    assert (found.trial_mean, found.answer) == (trial_mean, answer)
