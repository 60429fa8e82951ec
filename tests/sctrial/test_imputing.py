"""A cohort with gaps under every policy, and by multiple imputation."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from sctrial.cohort import Outcome
from sctrial.imputing import CannotImpute, Diary, fill_outcome, impute_change
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


def outcome(n: int, before: float, after: float | None) -> Outcome:
    trial = None if after is None else F(after)
    return Outcome(str(n), Answer.NOT_EVALUABLE, F(before), trial)


def test_without_a_gap_imputation_is_the_plain_mean_change() -> None:
    cohort = [outcome(n, 6 + n % 3, 3 + n % 2) for n in range(12)]
    found = impute_change(cohort, generator=np.random.default_rng(1))

    changes = [3 + n % 2 - 6 - n % 3 for n in range(12)]
    assert found.estimate == pytest.approx(sum(changes) / 12)
    assert found.between == pytest.approx(0, abs=1e-20)
    assert found.within == pytest.approx(np.var(changes, ddof=1) / 12)


def test_lost_patients_are_drawn_about_the_line_of_the_others() -> None:
    # Without scatter the line is known: trial = baseline - 3 for everybody, the lost too.
    cohort = [outcome(n, n % 7 + 3, n % 7) for n in range(20)] + [outcome(99, 9, None)]
    assert impute_change(cohort, generator=np.random.default_rng(1)).estimate == pytest.approx(-3)


def test_a_gap_widens_the_interval_and_the_same_seed_gives_the_same_answer() -> None:
    whole = [outcome(n, 5 + n % 4, (n * 7) % 5) for n in range(30)]
    gapped = whole + [outcome(100 + n, 8, None) for n in range(15)]
    once, again = (impute_change(gapped, generator=np.random.default_rng(7)) for _ in range(2))

    assert once == again
    assert once.between > 0
    assert once.imputations >= 20


@pytest.mark.parametrize(
    ("cohort", "imputations"),
    [([outcome(n, 5 + n, 3) for n in range(4)], 20), ([outcome(n, 5 + n, 3) for n in range(9)], 19)],
)
def test_too_few_trials_or_imputations_are_refused(cohort: list[Outcome], imputations: int) -> None:
    with pytest.raises(CannotImpute):
        impute_change(cohort, generator=np.random.default_rng(1), imputations=imputations)
