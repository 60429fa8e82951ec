"""How quantities are written in a rule, and how a value is held against them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.limits import (
    Amount,
    Duration,
    Limit,
    Place,
    Relation,
    TimeUnit,
    Unit,
    parse_amount,
    parse_duration,
    parse_number,
    parse_place,
    parse_points,
)

F = Fraction
AT_LEAST, AT_MOST, MORE_THAN = Relation.AT_LEAST, Relation.AT_MOST, Relation.MORE_THAN

# fmt: off
HELD = [
    # relation   limit  value        held   printed
    (AT_LEAST,   5,     F(5),        True,  "5.00"),
    (AT_LEAST,   5,     F(4999, 1000), False, "4.99"),
    (AT_LEAST,   10,    F(-3),       False, "-3.00"),
    (AT_MOST,    F(5, 2), F(5, 2),   True,  "2.50"),
    (AT_MOST,    F(5, 2), F(2501, 1000), False, "2.51"),
    (AT_MOST,    F(5, 2), F(2499, 1000), True, "2.50"),
    (AT_MOST,    1,     F(0),        True,  "0.00"),
    (AT_MOST,    1,     F(-3),       True,  "-3.00"),
    (MORE_THAN,  48,    F(48),       False, "48.00"),
    (MORE_THAN,  48,    F(48001, 1000), True, "48.01"),
]
# fmt: on


@pytest.mark.parametrize(("relation", "limit", "value", "held", "printed"), HELD)
def test_a_value_is_held_against_the_exact_limit_and_printed_on_its_side(
    relation: Relation, limit: F, value: F, held: bool, printed: str
) -> None:
    against = Limit(relation, F(limit))

    assert against.holds(value) is held
    assert against.show(value) == printed


@given(st.sampled_from(Relation), st.fractions(0, 100, max_denominator=40), st.fractions(-50, 150))
def test_what_is_printed_never_stands_on_the_other_side(relation: Relation, limit: F, value: F) -> None:
    # A limit with at most two decimals can be printed itself; only then can the two be compared.
    against = Limit(relation, F(round(limit * 100), 100))

    assert relation is MORE_THAN or against.holds(F(against.show(value))) is against.holds(value)


# fmt: off
WRITTEN = [
    (parse_place,    "5 of 10",      Place(F(5), F(10)),                "5 of 10"),
    (parse_place,    "2.5 of 10",    Place(F(5, 2), F(10)),             "2.5 of 10"),
    (parse_amount,   "10 points",    Amount(F(10), Unit.POINTS),        "10 points"),
    (parse_amount,   "48.4%",        Amount(F(484, 10), Unit.PERCENT),  "48.4 %"),
    (parse_duration, "48 hours",     Duration(F(48), TimeUnit.HOURS),   "48 hours"),
    (parse_duration, "3 days",       Duration(F(3), TimeUnit.DAYS),     "3 days"),
    (parse_points,   "21 points",    F(21),                             "21"),
    (parse_number,   "0.5",          F(1, 2),                           "1/2"),
]
MISWRITTEN = [
    (parse_place,    ["5", "5/10", "11 of 10", "5 of 0", "-1 of 10", "5 of ten"], "5 of 10"),
    (parse_amount,   ["10", "0 points", "ten points", "10 %", "-3 points"],       "10 points"),
    (parse_duration, ["3", "0 days", "1 week", "2.5 days", "-1 days"],            "48 hours"),
    (parse_points,   ["21", "21%", "-2 points"],                                  "21 points"),
    (parse_number,   ["", "-1", "1e3", "1,5", "six"],                             "0.5"),
]
# fmt: on


@pytest.mark.parametrize(("parse", "text", "value", "shown"), WRITTEN)
def test_a_quantity_is_read_exactly_with_its_unit(
    parse: object, text: str, value: object, shown: str
) -> None:
    assert parse(text) == value  # type: ignore[operator]
    assert str(value) == shown


@pytest.mark.parametrize(("parse", "texts", "remedy"), MISWRITTEN)
def test_a_quantity_that_could_be_misread_is_refused_with_an_example(
    parse: object, texts: list[str], remedy: str
) -> None:
    for text in texts:
        with pytest.raises(ValueError, match=remedy):
            parse(text)  # type: ignore[operator]


def test_a_place_is_a_share_of_its_scale() -> None:
    assert parse_place("5 of 10").share == parse_place("50 of 100").share == F(1, 2)
