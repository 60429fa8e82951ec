"""Intervals against published and hand-worked figures; the exact ones against exact binomial tails."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.intervals import (
    Count,
    DifferenceMethod,
    ImpossibleCount,
    Interval,
    NoInterval,
    ProportionMethod,
    compute_difference,
    compute_proportion,
    display_interval,
)

F = Fraction
EXACT = ProportionMethod.CLOPPER_PEARSON


def proportion(met: int, of: int, **options: object) -> Interval:
    found = compute_proportion(Count(met, of), **options).interval  # type: ignore[arg-type]
    assert found is not None
    return found


# Newcombe 1998, Stat Med 17:857, table I: methods 3 (score) and 5 (exact), to four decimals.
# fmt: off
NEWCOMBE_ONE = [
    # met  of    Wilson             Clopper-Pearson
    (81,  263,  (0.2553, 0.3662),  (0.2527, 0.3676)),
    (15,  148,  (0.0624, 0.1605),  (0.0578, 0.1617)),
    (0,    20,  (0.0000, 0.1611),  (0.0000, 0.1684)),
    (1,    29,  (0.0061, 0.1718),  (0.0009, 0.1776)),
]
# fmt: on


@pytest.mark.parametrize(("met", "of", "wilson", "exact"), NEWCOMBE_ONE)
def test_one_proportion_is_as_newcombe_printed_it(
    met: int, of: int, wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    for method, (low, high) in ((ProportionMethod.WILSON, wilson), (EXACT, exact)):
        found = proportion(met, of, method=method)

        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_a_difference_is_as_newcombe_printed_it() -> None:
    # Newcombe 1998, Stat Med 17:873, table II, contrast (a): 56/70 - 48/80, methods 1, 2 and 10.
    printed = {
        DifferenceMethod.WALD: (0.0575, 0.3425),
        DifferenceMethod.WALD_CONTINUITY: (0.0441, 0.3559),
        DifferenceMethod.NEWCOMBE: (0.0524, 0.3339),
    }

    for method, ends in printed.items():
        found = compute_difference(Count(56, 70), second=Count(48, 80), method=method)

        assert found.share == F(56, 70) - F(48, 80)
        assert found.interval is not None
        assert (round(found.interval.low, 4), round(found.interval.high, 4)) == ends


@pytest.mark.parametrize("of", [1, 2, 15, 200])
def test_none_and_all_have_an_exact_end_and_a_closed_form_for_the_other(of: int) -> None:
    # 0.025 = (1 - p)^n solved for p, and Wilson's other end z^2 / (n + z^2) with z = 1.959964.
    none, every = proportion(0, of, method=EXACT), proportion(of, of, method=EXACT)

    assert (none.low, every.high) == (0.0, 1.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / of), abs=1e-14)
    assert every.low == pytest.approx(0.025 ** (1 / of), abs=1e-14)
    assert proportion(0, of).low == 0.0
    assert proportion(0, of).high == pytest.approx(1.959964**2 / (of + 1.959964**2), abs=1e-7)
    assert proportion(of, of).high == 1.0


def test_one_patient_says_next_to_nothing() -> None:
    assert display_interval(proportion(1, 1)) == "20.7 to 100.0 %"
    assert display_interval(proportion(1, 1, method=EXACT)) == "2.5 to 100.0 %"


def test_nobody_has_no_interval_and_a_reason() -> None:
    found = compute_proportion(Count(0, 0))

    assert (found.count.share, found.interval, found.reason) == (None, None, NoInterval.NO_PATIENTS)
    assert display_interval(found.interval) == "no interval"


@pytest.mark.parametrize("method", DifferenceMethod)
@pytest.mark.parametrize(("first", "second"), [((0, 0), (1, 2)), ((1, 2), (0, 0))])
def test_an_empty_group_has_no_difference(
    first: tuple[int, int], second: tuple[int, int], method: DifferenceMethod
) -> None:
    found = compute_difference(Count(*first), second=Count(*second), method=method)

    assert (found.share, found.interval, found.reason) == (None, None, NoInterval.NO_PATIENTS)


def test_wald_has_no_width_at_the_ends_which_is_why_it_is_not_shown() -> None:
    wald = compute_difference(Count(5, 5), second=Count(0, 5), method=DifferenceMethod.WALD).interval
    newcombe = compute_difference(Count(5, 5), second=Count(0, 5)).interval

    assert wald == Interval(1.0, 1.0)
    assert newcombe is not None
    assert newcombe.low < 0.5


@pytest.mark.parametrize(("met", "of"), [(-1, 3), (4, 3), (0, -1)])
def test_impossible_counts_are_refused(met: int, of: int) -> None:
    with pytest.raises(ImpossibleCount, match=f"{met} of {of} cannot be"):
        Count(met, of)


@pytest.mark.parametrize("confidence", [F(0), F(1), F(95)])
def test_a_confidence_is_between_0_and_1(confidence: Fraction) -> None:
    with pytest.raises(ImpossibleCount, match="between 0 and 1"):
        compute_proportion(Count(1, 2), confidence=confidence)
    with pytest.raises(ImpossibleCount, match="between 0 and 1"):
        compute_difference(Count(1, 2), second=Count(1, 2), confidence=confidence)


# fmt: off
PRINTED = [
    # low      high
    ((0.0005,  0.9995), "0.1 to 100.0 %"),    # 0.05 and 99.95 %: half goes away from zero
    ((-0.0005, 0.25),   "-0.1 to 25.0 %"),
    ((-0.0004, 0.0004), "0.0 to 0.0 %"),      # never "-0.0"
    ((-0.155,  0.155),  "-15.5 to 15.5 %"),
]
# fmt: on


@pytest.mark.parametrize(("ends", "text"), PRINTED)
def test_an_interval_is_printed_by_rule(ends: tuple[float, float], text: str) -> None:
    assert display_interval(Interval(*ends)) == text


def tail_from(met: int, of: int, share: Fraction) -> Fraction:
    """P(at least ``met`` of ``of``), in whole numbers throughout."""
    return sum((comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(met, of + 1)), F(0))


COUNTS = st.integers(1, 40).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(COUNTS)
def test_the_exact_ends_cut_off_exactly_half_of_the_rest(count: tuple[int, int]) -> None:
    met, of = count
    found = proportion(met, of, method=EXACT)
    slack = F(1, 10**12)

    if met:
        low = F(found.low)
        assert tail_from(met, of, max(F(0), low - slack)) <= F(25, 1000) <= tail_from(met, of, low + slack)
    if met < of:
        high = F(found.high)
        at_most = [1 - tail_from(met + 1, of, end) for end in (high - slack, min(F(1), high + slack))]
        assert at_most[0] >= F(25, 1000) >= at_most[1]


@given(COUNTS, st.sampled_from(ProportionMethod))
def test_an_interval_holds_its_share_and_mirrors_when_met_and_not_met_change_places(
    count: tuple[int, int], method: ProportionMethod
) -> None:
    met, of = count
    found, mirrored = proportion(met, of, method=method), proportion(of - met, of, method=method)

    assert 0 <= found.low <= met / of <= found.high <= 1
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


@given(COUNTS)
def test_the_exact_interval_is_never_narrower_with_more_confidence(count: tuple[int, int]) -> None:
    for method in ProportionMethod:
        narrow = proportion(*count, method=method, confidence=F(80, 100))
        wide = proportion(*count, method=method, confidence=F(99, 100))

        assert wide.low <= narrow.low
        assert narrow.high <= wide.high


@given(COUNTS, COUNTS)
def test_changing_the_groups_turns_the_sign(first: tuple[int, int], second: tuple[int, int]) -> None:
    for method in DifferenceMethod:
        one = compute_difference(Count(*first), second=Count(*second), method=method)
        other = compute_difference(Count(*second), second=Count(*first), method=method)

        assert one.share is not None
        assert other.share == -one.share
        assert one.interval is not None
        assert other.interval is not None
        assert one.interval.low == pytest.approx(-other.interval.high, abs=1e-12)
