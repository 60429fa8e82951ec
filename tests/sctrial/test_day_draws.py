"""Missing days drawn within trials: right where the truth is known, and the same again from the same seed."""

from fractions import Fraction

import numpy as np
import pytest

from sctrial.day_draws import CannotImpute, Imputed, impute_days
from sctrial.filling import Gapped, fill_cohort
from sctrial.intervals import Count, compute_proportion
from sctrial.missing import Policy
from sctrial.phases import EndReason
from sctrial.responding import compute_mean
from tests.sctrial.test_filling import gapped

HALF = Fraction(1, 2)
CUT_OFFS = (Fraction(30, 100), HALF)
#: Seven days of baseline and seven of the trial.
DAYS = 14
#: Levels of baseline and trial over trials, as their mean and covariance; days are 1.2 about them.
MEAN, SPREAD, DAILY = [7, 4], [[1.0, 0.6], [0.6, 4.0]], 1.2


def impute(days: Gapped, *, seed: int = 1) -> Imputed:
    return impute_days(days, generator=np.random.default_rng(seed), thresholds=CUT_OFFS)


def made_up(trials: int, *, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    levels = random.multivariate_normal(MEAN, SPREAD, trials)
    return np.repeat(levels, DAYS // 2, axis=1) + DAILY * random.standard_normal((trials, DAYS))


def seen_of(values: np.ndarray, *, seed: int) -> np.ndarray:
    """A tenth of the days is lost, and who has much pain on the first trial day tends to leave after two."""
    random = np.random.default_rng(seed)
    leaves = random.random(len(values)) < 1 / (1 + np.exp(4 - values[:, 7]))
    seen = random.random(values.shape) >= 0.1
    seen[leaves, 9:] = False
    # What made them leave is there to be learned from.
    seen[:, 7] = True
    return seen


def columns(values: np.ndarray, seen: np.ndarray) -> Gapped:
    trial, day = np.nonzero(seen)
    thousandths = np.round(values[trial, day] * 1000).astype(np.int64)
    sides = np.tile([1, 8], len(values)), np.tile([7, 14], len(values))
    return Gapped(
        2 * trial + (day >= 7),
        day + 1,
        thousandths,
        np.full_like(thousandths, 1000),
        *sides,
        [None] * len(values),
    )


def test_without_a_missing_day_it_is_the_plain_mean_change_and_wilsons_interval() -> None:
    cohort = gapped(
        *((f"{6 + n % 3} {7 + n % 2}", f"{n % 5} 3 {n % 4} 2", None) for n in range(12)),
        ("0 0", "1 1 1 1", None),
    )
    found, plain = impute(cohort), fill_cohort(cohort, policy=Policy.OBSERVED)

    expected = compute_mean(plain.changes.tolist())
    assert found.change is not None
    assert expected.interval is not None
    assert found.change.estimate == pytest.approx(expected.mean, rel=1e-12)
    assert found.change.between == 0
    ends = (expected.interval.low, expected.interval.high)
    assert (found.change.interval.low, found.change.interval.high) == pytest.approx(ends, rel=1e-12)
    share = found.shares[HALF]
    assert share is not None
    # The baseline of 0 has no percent.
    met = int((plain.answers() == 0).sum())
    wilson = compute_proportion(Count(met, 12)).interval
    assert wilson is not None
    assert (share.share, share.of) == (met / 12, 12)
    assert (share.interval.low, share.interval.high) == pytest.approx((wilson.low, wilson.high), abs=1e-12)
    assert (found.trials, found.gapped, found.days) == (13, 0, 0)


def test_over_many_cohorts_it_is_on_average_what_the_lost_days_would_have_told() -> None:
    # Eighty cohorts of 40; whoever has much pain leaves, so days that are left tell of too much relief.
    off, plain_off, within = [], [], 0
    truth = MEAN[1] - MEAN[0]
    for seed in range(80):
        values = made_up(40, seed=seed)
        seen = seen_of(values, seed=1000 + seed)
        found = impute(columns(values, seen), seed=seed).change
        assert found is not None
        whole = values[:, 7:].mean() - values[:, :7].mean()
        off.append(found.estimate - whole)
        plain_off.append(values[:, 7:][seen[:, 7:]].mean() - values[:, :7][seen[:, :7]].mean() - whole)
        within += found.interval.low <= truth <= found.interval.high

    assert abs(np.mean(off)) < 3 * np.std(off) / np.sqrt(80)
    assert np.mean(plain_off) < -0.2
    # Of 80 intervals of 95 %, fewer than 69 hold the truth once in ten thousand.
    assert within >= 69


def test_shares_hold_the_truth_as_often_as_they_say() -> None:
    many = made_up(200_000, seed=7)
    truth = float((many[:, 7:].mean(axis=1) <= many[:, :7].mean(axis=1) / 2).mean())
    within = 0
    for seed in range(80):
        values = made_up(40, seed=seed)
        share = impute(columns(values, seen_of(values, seed=2000 + seed)), seed=seed).shares[HALF]
        assert share is not None
        within += share.interval.low <= truth <= share.interval.high

    assert within >= 69


@pytest.mark.parametrize(("phase", "lost"), [(1, 1), (1, 5), (0, 5)])
def test_imputations_differ_by_as_much_as_lost_days_are_uncertain(phase: int, lost: int) -> None:
    # Each of 400 trials lost the same days of one phase and kept two or more. They vary about their level,
    # the level by what the days left and the other phase leave open, and all by what is not known of their
    # mean.
    values = made_up(400, seed=8)
    seen = np.ones(values.shape, bool)
    seen[:, 7 * phase + 1 : 7 * phase + 1 + lost] = False
    found = impute(columns(values, seen)).change

    assert found is not None
    own, both, other = SPREAD[phase][phase], SPREAD[0][1], SPREAD[1 - phase][1 - phase]
    before = own - both**2 / (other + DAILY**2 / 7)
    level = 1 / (1 / before + (7 - lost) / DAILY**2)
    mean = (level / before) ** 2 * (before + DAILY**2 / (7 - lost))
    expected = (lost * DAILY**2 + lost**2 * (level + mean)) / 7**2 / 400
    # Of 40 imputations a variance is known to a quarter.
    assert expected / 2 < found.between < expected * 2


def test_who_did_not_improve_is_not_imputed_as_if_they_had() -> None:
    # Half fall from 8 to about 2 and miss no day; the others stay at about 8 and miss half of the trial.
    better = [("8 7", f"{1 + n % 2} 2 {2 + n % 2} 1", None) for n in range(20)]
    same = [("8 7", f"{7 + n % 2} 8 . .", None) for n in range(20)]
    share = impute(gapped(*better, *same)).shares[HALF]

    assert share is not None
    assert share.share == pytest.approx(20 / 40, abs=0.01)


def test_a_trial_without_a_day_of_one_phase_is_drawn_from_the_other() -> None:
    # Days fall by 3 or by 2 wherever both phases are known; the lost one had 9 before.
    known = [
        (
            f"{n % 6 + 4} {n % 6 + 5}",
            " ".join([f"{n % 6 + 1 + n // 6 % 2} {n % 6 + 2 + n // 6 % 2}"] * 2),
            None,
        )
        for n in range(60)
    ]
    lost = ("9 9", ". . . .", None)
    without, with_it = impute(gapped(*known)), impute(gapped(*known, lost))

    assert without.change is not None
    assert with_it.change is not None
    drawn = 61 * with_it.change.estimate - 60 * without.change.estimate
    assert drawn == pytest.approx(-2.5, abs=0.6)
    assert (with_it.trials, with_it.gapped, with_it.days) == (61, 1, 4)


def test_technical_failures_and_trials_without_any_day_are_left_out_and_the_latter_counted() -> None:
    cohort = [(f"{6 + n % 3} 8", f"{n % 4} 3 2 4", None) for n in range(9)]
    failed, silent = ("8 8", "1 1 . .", EndReason.TECHNICAL_FAILURE), (". .", ". . . .", None)
    found, plain = impute(gapped(*cohort, failed, silent)), impute(gapped(*cohort))

    assert (found.change, found.shares) == (plain.change, plain.shares)
    assert (found.trials, found.unknown, plain.unknown) == (9, 1, 0)


def test_the_same_seed_gives_the_same_figures_to_the_byte_and_another_seed_others() -> None:
    values = made_up(30, seed=3)
    days = columns(values, seen_of(values, seed=4))

    assert repr(impute(days)) == repr(impute(days))
    assert repr(impute(days)) != repr(impute(days, seed=2))


def test_missing_days_widen_the_interval_by_the_share_of_information_that_is_missing() -> None:
    values = made_up(60, seed=5)
    none = impute(columns(values, np.ones(values.shape, bool))).change
    some = impute(columns(values, seen_of(values, seed=6))).change

    assert none is not None
    assert some is not None
    assert none.missing_information == 0
    assert 0.02 < some.missing_information < 0.5
    assert some.between > 0


@pytest.mark.parametrize(
    ("cohort", "why"),
    [
        ([("8 7", "3 . . 4", None)] * 4, "5 trials with days of baseline and of the trial"),
        ([("8 8", "3 . 3 3", None), ("6 6", "2 2 2 2", None)] * 3, "do not differ"),
    ],
)
def test_too_little_to_learn_from_is_refused_in_words(
    cohort: list[tuple[str, str, EndReason | None]], why: str
) -> None:
    with pytest.raises(CannotImpute, match=why):
        impute(gapped(*cohort))


def test_a_cohort_of_nobody_has_no_figure() -> None:
    found = impute(gapped())

    assert (found.change, found.shares, found.trials) == (None, dict.fromkeys(CUT_OFFS), 0)
