"""How certainty and robustness are put into one line each."""

from fractions import Fraction

import pytest

from sctrial.certainty import Certainty, NoInterval
from sctrial.criteria import rule_set
from sctrial.readout import certainty_line, display_probability, robustness_line
from sctrial.robustness import assess_robustness
from tests.sctrial.diaries import evidence_of

HALF = Fraction(1, 2)

# fmt: off
LINES = [
    (Certainty(HALF, (38.4, 63.96), 0.5826),
     ["the true reduction lies between 38 % and 64 % with 90 % confidence", "50 % is 0.58"]),
    (Certainty(Fraction(3, 10), (-12.5, -0.4), 0.001),
     ["the true reduction lies between -13 % and 0 % with 90 % confidence", "30 % is below 0.01"]),
    (Certainty(HALF, None, 0.25, NoInterval.BASELINE_NEAR_ZERO),
     ["no interval, because the baseline is too near 0", "50 % is 0.25"]),
    (Certainty(HALF, None, None, NoInterval.BASELINE_ZERO), ["no figure, because the baseline is 0"]),
    (Certainty(HALF, None, None, NoInterval.TRIAL_MISSING), ["no figure, because there is no trial score"]),
    (Certainty(HALF, None, None, NoInterval.BASELINE_MISSING),
     ["no figure, because there is no baseline score"]),
]
# fmt: on


@pytest.mark.parametrize(("certainty", "parts"), LINES)
def test_certainty_is_one_line(certainty: Certainty, parts: list[str]) -> None:
    assert certainty_line(certainty) == f"Certainty: {'; the probability that it reaches '.join(parts)}."


# fmt: off
PROBABILITIES = [
    (0.0, "below 0.01"), (0.0099, "below 0.01"), (0.01, "0.01"), (0.125, "0.13"),
    (0.5, "0.50"), (0.99, "0.99"), (0.9951, "above 0.99"), (1.0, "above 0.99"),
]
# fmt: on


@pytest.mark.parametrize(("probability", "text"), PROBABILITIES)
def test_a_probability_is_never_printed_as_a_certainty(probability: float, text: str) -> None:
    assert display_probability(probability) == text


def test_robustness_is_one_line_whose_counts_add_up() -> None:
    robustness = assess_robustness(evidence_of("8 8 8", "2 2 2"), rule_set=rule_set("IMMPACT_50"))

    # Only average pain was asked, so the half of the grid that asks for worst pain has no answer.
    assert robustness_line(robustness) == (
        "Robustness: met in 24 of 48 analyses, not met in 0, not evaluable in 24."
    )
