"""Limits of agreement against the peak flow meters of Bland and Altman 1986."""

import pytest

from sctrial.agreement import compute_agreement

# Lancet 1986;i:307, table: first reading of each meter, litres a minute, 17 subjects. Read beside the copy
# in R's blandr (unused/bland.altman.PEFR.r, WrightFirst and MiniWrightFirst): equal, all 34.
LARGE = (494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
MINI = (512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)


def test_two_peak_flow_meters_as_published() -> None:
    found = compute_agreement(LARGE, second=MINI)

    assert found is not None
    # Printed: mean difference -2.1, standard deviation 38.8, interval of the bias -22.0 to 17.8.
    assert [found.bias.value, found.sd] == pytest.approx([-2.1, 38.8], abs=0.05)
    assert found.bias.interval.low == pytest.approx(-22.0, abs=0.1)
    assert found.bias.interval.high == pytest.approx(17.8, abs=0.1)
    # Printed with 2 standard deviations; here with 1.96, as the authors wrote in 1999.
    assert found.low.value == pytest.approx(-2.118 - 1.96 * 38.765, abs=0.01)
    assert found.high.value == pytest.approx(-2.118 + 1.96 * 38.765, abs=0.01)


def test_the_interval_of_a_limit_follows_the_variance_of_1999() -> None:
    found = compute_agreement(LARGE, second=MINI)

    assert found is not None
    # t(16) = 2.1199; variance of a limit: s^2 * (1/n + 1.96^2 / (2 * (n - 1))).
    half = 2.1199 * 38.765 * (1 / 17 + 1.95996**2 / 32) ** 0.5
    assert found.high.interval.high - found.high.value == pytest.approx(half, abs=0.01)
    assert found.low.value - found.low.interval.low == pytest.approx(half, abs=0.01)


def test_two_pairs_have_no_limits() -> None:
    assert compute_agreement([1, 2], second=[1, 1]) is None
