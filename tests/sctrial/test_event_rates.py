"""Events per 100 trials against the exact Poisson interval as tables print it."""

from fractions import Fraction

import pytest
from scipy.stats import poisson

from sctrial.event_rates import EventRate, ImpossibleRate, compute_event_rate


# Ends of the exact 95 % interval of a count: Garwood 1936; 0 events: -ln(0.025) = 3.689.
@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        (0, 0.0, 3.689),
        (1, 0.025, 5.572),
        # cipoisson(4) of R's survival prints 1.089865 and 10.24153 in its manual.
        (4, 1.089865, 10.24153),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
    ],
)
def test_the_interval_of_a_count_in_a_hundred_trials(events: int, low: float, high: float) -> None:
    interval = compute_event_rate(events, trials=100).interval

    assert interval is not None
    assert [interval.low, interval.high] == pytest.approx([low, high], abs=5e-4)


@pytest.mark.parametrize("events", [1, 3, 12, 137])
def test_the_ends_leave_a_fortieth_in_each_tail_of_the_poisson_distribution(events: int) -> None:
    interval = compute_event_rate(events, trials=100).interval

    assert interval is not None
    # Garwood's definition, by another function than the chi-square that gives the ends.
    assert poisson.sf(events - 1, interval.low) == pytest.approx(1 / 40, abs=1e-9)
    assert poisson.cdf(events, interval.high) == pytest.approx(1 / 40, abs=1e-9)


def test_five_lead_migrations_in_707_trials() -> None:
    # Mekhail 2011: 5/707, printed 0.7 %.
    assert compute_event_rate(5, trials=707).rate == Fraction(500, 707)


def test_no_trials_have_no_rate() -> None:
    assert compute_event_rate(0, trials=0) == EventRate(0, 0, None, None)


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ImpossibleRate, match="correct the counts"):
        compute_event_rate(-1, trials=3)
