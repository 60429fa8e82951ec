"""A level a patient and a change: at the top of its likelihood, as an independent library has it."""

import warnings
from math import sqrt

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from sctrial.random_intercept import Fitted, NoSpread, fit_random_intercept


def made_up(patients: int, *, between: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patient, phase, value; 1 to 19 days a patient in no order that differ by 1.3; the change is -2."""
    random = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), random.integers(1, 20, patients))
    random.shuffle(patient)
    in_trial = (random.random(len(patient)) < 0.5).astype(float)
    level = 6 + between * random.standard_normal(patients)
    return patient, in_trial, level[patient] - 2 * in_trial + 1.3 * random.standard_normal(len(patient))


def fit(patient: np.ndarray, in_trial: np.ndarray, value: np.ndarray) -> Fitted:
    return fit_random_intercept(patient, in_trial=in_trial, value=value)


@pytest.mark.parametrize(("patients", "between"), [(5, 1.0), (30, 2.0), (100, 0.3), (12, 0.0)])
def test_its_likelihood_by_the_library_is_never_below_the_librarys_own_best(
    patients: int, between: float
) -> None:
    patient, in_trial, value = made_up(patients, between=between, seed=1)
    ours = fit(patient, in_trial, value)
    design = np.column_stack([np.ones(len(value)), in_trial])
    model = MixedLM(value, design, groups=patient)
    with warnings.catch_warnings():
        # It says that it did not get there.
        warnings.simplefilter("ignore")
        theirs = model.fit(reml=True)

    def likelihood(between_sd: float, within_sd: float) -> float:
        at = MixedLMParams.from_components(
            fe_params=theirs.fe_params, cov_re=np.array([[(between_sd / within_sd) ** 2]])
        )
        return float(model.loglike(at, profile_fe=True))

    best = likelihood(sqrt(theirs.cov_re[0, 0]), sqrt(theirs.scale))
    assert likelihood(ours.between_sd, ours.within_sd) >= best - 1e-9
    if theirs.converged:
        assert ours.change == pytest.approx(theirs.fe_params[1], rel=1e-5)
        # The library takes the error from second differences.
        assert ours.standard_error == pytest.approx(theirs.bse_fe[1], rel=0.01)
        assert ours.between_sd == pytest.approx(sqrt(theirs.cov_re[0, 0]), rel=1e-3, abs=0.01)
        assert ours.within_sd == pytest.approx(sqrt(theirs.scale), rel=1e-4)


def test_without_a_spread_between_patients_it_is_a_straight_line_through_all_days() -> None:
    # 8 and 6 fall to 4 and 2 in each patient: the change is -4, and three patients have the same mean.
    patient = np.repeat([0, 1, 2], 4)
    in_trial = np.tile([0.0, 0.0, 1.0, 1.0], 3)
    found = fit(patient, in_trial, np.tile([8.0, 6.0, 4.0, 2.0], 3))

    assert found.is_at_zero
    assert found.change == pytest.approx(-4)
    # Each of 12 days is 1 from its line; two numbers were estimated.
    assert found.within_sd == pytest.approx(sqrt(12 / (12 - 2)))
    assert found.standard_error == pytest.approx(sqrt(12 / 10 * (1 / 6 + 1 / 6)))


def test_the_order_of_rows_and_a_number_without_days_change_nothing() -> None:
    patient, in_trial, value = made_up(8, between=1, seed=2)

    # Patient n becomes 2 * n: every odd number has no day.
    gaps = fit(2 * patient[::-1], in_trial[::-1], value[::-1])

    assert gaps.change == pytest.approx(fit(patient, in_trial, value).change, rel=1e-13)


@pytest.mark.parametrize(
    ("patient", "in_trial", "value", "why"),
    [
        ([0, 0, 0, 0], [0, 0, 1, 1], [5, 6, 3, 2], "two patients and four days"),
        ([0, 0, 1], [0, 1, 1], [5, 3, 4], "two patients and four days"),
        ([0, 0, 1, 1], [0, 1, 0, 1], [5, 5, 5, 5], "all values are the same"),
        ([0, 0, 1, 1], [0, 1, 0, 1], [5, 3, 5, 3], "do not differ within"),
    ],
)
def test_what_leaves_nothing_to_estimate_from_is_refused_in_words(
    patient: list[int], in_trial: list[float], value: list[float], why: str
) -> None:
    with pytest.raises(NoSpread, match=why):
        fit(np.array(patient), np.array(in_trial, float), np.array(value, float))
