"""Baseline quality: spread, days, and regression to the mean."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from statistics import variance

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sctrial.baseline import (
    BaselineFlag,
    BaselineLimits,
    BaselineQuality,
    Selection,
    assess_baseline,
    compute_variance,
    display_sd,
)
from sctrial.seal import canonical_json
from sctrial.windows import parse_window

#: A busy machine is no reason to fail: nothing here is about time.
unhurried = settings(deadline=None)

F = Fraction
START = date(2026, 3, 2)
FEW, UNSTEADY, LOW, REGRESSION = BaselineFlag


def quality(
    scores: str,
    *,
    window: str = "last-n-days:7",
    span: int = 10,
    selection: Selection | None = None,
    recalled: F | None = None,
    limits: BaselineLimits | None = None,
) -> BaselineQuality:
    values = {START + timedelta(days=n): F(score) for n, score in enumerate(scores.split()) if score != "-"}
    return assess_baseline(
        values,
        window=parse_window(window),
        first_day=min(values, default=None),
        last_day=max(values, default=None),
        scale_span=F(span),
        selection=selection,
        recalled=recalled,
        limits=limits,
    )


def test_one_baseline_worked_by_hand() -> None:
    """5 9 7 - 7: mean 7, deviations -2 2 0 0, variance (4 + 4) / 3, standard deviation 1.63."""
    found = quality("5 9 7 - 7", window="whole-phase")

    assert (found.days, found.missing_days) == (4, 1)
    assert (found.mean, found.lowest, found.highest) == (F(7), F(5), F(9))
    assert found.variance == F(4 + 4, 3)
    assert display_sd(found.variance) == "1.63"
    assert found.flags == ()


# fmt: off
#   baseline               flags
FLAGS = [
    ("7 7 7 7",            ()),
    ("7 7 7",              (FEW,)),                 # three of the four days it takes
    ("5 9 5 9 5 9 7",      ()),                     # variance 24/6 = 4: exactly 2, and the flag asks for more
    ("5 9 5 9 5 9 8",      (UNSTEADY,)),            # variance 174/42 = 4.14
    ("5 5 5 5",            ()),
    ("5 5 5 4",            (LOW,)),
    ("-",                  (FEW,)),                 # nothing is low or unsteady that is not there
    ("1 9",                (FEW, UNSTEADY)),
]
# fmt: on


@pytest.mark.parametrize(("scores", "flags"), FLAGS)
def test_each_flag_is_raised_beyond_its_limit_and_not_at_it(
    scores: str, flags: tuple[BaselineFlag, ...]
) -> None:
    assert quality(scores).flags == flags


def test_limits_are_stretched_to_the_scale() -> None:
    assert quality("50 90 50 90 50 90 70", span=100).flags == ()
    assert quality("50 50 50 49", span=100).flags == (LOW,)


def test_limits_can_be_declared_otherwise() -> None:
    strict = BaselineLimits(fewest_days=5, unsteady_above=F(1), low_below=F(8))

    assert quality("5 9 7 7", limits=strict).flags == (FEW, UNSTEADY, LOW)


def test_a_required_minimum_warns_of_regression_to_the_mean_and_shows_what_was_gone_already() -> None:
    found = quality("6 6 7 7 6 6 7", selection=Selection(minimum=F(5), score=F(9)))

    assert found.flags == (REGRESSION,)
    assert found.fall_since_selection == 9 - F(45, 7)
    assert quality("7 7 7 7", selection=Selection(minimum=F(5))).fall_since_selection is None


def test_a_recalled_baseline_stands_beside_the_diary() -> None:
    assert quality("6 6 7 7", recalled=F(9)).recalled_above_diary == 9 - F(26, 4)
    assert quality("-", recalled=F(9)).recalled_above_diary is None


def test_only_the_window_is_looked_at() -> None:
    assert quality("0 0 0 7 7 7 7 7 7 7").lowest == 7


def test_every_flag_has_a_sentence() -> None:
    assert all(flag.meaning.endswith(".") for flag in BaselineFlag)


# fmt: off
#   variance      printed
PRINTED = [
    (None,         "-"),
    (F(0),         "0.00"),
    (F(4),         "2.00"),
    (F(2),         "1.41"),
    (F(8, 3),      "1.63"),
    (F(161, 100),  "1.27"),                # 1.2689
    (F(201**2, 200**2), "1.01"),           # 1.005 exactly: half away from zero
    (F(201**2 - 1, 200**2), "1.00"),       # a hair below
]
# fmt: on


@pytest.mark.parametrize(("value", "printed"), PRINTED)
def test_a_standard_deviation_is_printed_from_whole_numbers(value: F | None, printed: str) -> None:
    assert display_sd(value) == printed


@unhurried
@given(st.fractions(0, 100, max_denominator=1000))
def test_the_printed_deviation_is_the_nearest_hundredth(value: F) -> None:
    shown = F(display_sd(value))

    # shown - 0.005 <= sqrt(value) < shown + 0.005, squared so that no root is taken.
    assert max(shown - F(1, 200), F(0)) ** 2 <= value < (shown + F(1, 200)) ** 2


@unhurried
@given(st.lists(st.fractions(0, 10, max_denominator=10), min_size=2, max_size=14))
def test_the_variance_is_that_of_the_standard_library(values: list[F]) -> None:
    assert compute_variance(values) == variance(values)


@unhurried
@given(st.lists(st.integers(0, 10), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_the_days_changes_neither_spread_nor_flags(values: list[int], random: Random) -> None:
    shuffled = random.sample(values, len(values))
    one, other = (quality(" ".join(map(str, each)), window="whole-phase") for each in (values, shuffled))

    assert (one.variance, one.mean, one.flags) == (other.variance, other.mean, other.flags)


def test_the_answer_is_plain_enough_to_be_sealed() -> None:
    assert json.loads(canonical_json(asdict(quality("5 9 7 - 7"))))
