"""Doses and days: what cannot be is refused, what is not converted is never 0."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.opioids import (
    BadDose,
    DayMme,
    Dose,
    DoseUnit,
    NotConverted,
    Route,
    compute_day_mme,
    compute_mean_mme,
    factor_table,
)
from sctrial.seal import canonical_json

F = Fraction
TABLE = factor_table("CDC_2022")
MG, ORAL = DoseUnit.MG, Route.ORAL

doses = st.builds(
    Dose,
    st.sampled_from(["morphine", "oxycodone", "tramadol", "buprenorphine"]),
    st.just(ORAL),
    st.just(MG),
    st.fractions(0, 200, max_denominator=8),
    st.integers(0, 6).map(F),
)


def test_a_log_that_says_nothing_was_taken_is_a_day_of_zero() -> None:
    assert compute_day_mme([], table=TABLE) == DayMme(F(0), "CDC_2022")


def test_a_dose_of_zero_of_an_opioid_without_a_factor_was_not_taken() -> None:
    day = compute_day_mme([Dose("buprenorphine", ORAL, MG, F(0))], table=TABLE)

    assert day == DayMme(F(0), "CDC_2022")


@given(st.lists(doses, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_doses_does_not_matter(given_doses: list[Dose], random: object) -> None:
    shuffled = random.sample(given_doses, len(given_doses))  # type: ignore[attr-defined]

    assert compute_day_mme(shuffled, table=TABLE) == compute_day_mme(given_doses, table=TABLE)


@given(st.lists(doses, max_size=6))
def test_a_day_has_a_total_exactly_when_everything_was_converted(given_doses: list[Dose]) -> None:
    day = compute_day_mme(given_doses, table=TABLE)

    assert (day.total is None) is bool(day.not_converted)
    assert canonical_json(day.canonical())


def test_a_factor_by_the_daily_dose_looks_at_all_doses_of_the_day_together() -> None:
    """Methadone 10 mg in the morning and 15 mg at night is 25 mg: factor 8 in 2016, not twice 4."""
    day = compute_day_mme(
        [Dose("methadone", ORAL, MG, F(10)), Dose("methadone", ORAL, MG, F(15))],
        table=factor_table("CDC_2016"),
    )

    assert day.total == 25 * 8


# fmt: off
IMPOSSIBLE = [
    (lambda: Dose("morphine", ORAL, MG, F(-1)),                                        "below 0"),
    (lambda: Dose("morphine", ORAL, MG, F(1), F(-1)),                                  "below 0"),
    (lambda: Dose("", ORAL, MG, F(1)),                                                 "generic name"),
    (lambda: Dose("Morphine", ORAL, MG, F(1)),                                         "generic name"),
    (lambda: Dose("fentanyl", Route.TRANSDERMAL, DoseUnit.MCG_PER_HOUR, F(25), F(2)), "two patches as two"),
]
# fmt: on


@pytest.mark.parametrize(("make", "message"), IMPOSSIBLE)
def test_a_dose_that_cannot_be_is_refused_with_the_remedy(make: object, message: str) -> None:
    with pytest.raises(BadDose, match=message):
        make()  # type: ignore[operator]


# fmt: off
MEANS = [
    ([F(60), F(30), F(30)],  F(120, 3)),
    ([F(0)],                 F(0)),
    ([],                     None),
    # Leaving out the day without a total would turn "not converted" into "less".
    ([F(60), None],          None),
]
# fmt: on


@pytest.mark.parametrize(("totals", "mean"), MEANS)
def test_a_mean_needs_every_day_to_have_a_total(totals: list[F | None], mean: F | None) -> None:
    refused = (NotConverted("buprenorphine", "no factor"),)
    days = [DayMme(total, "CDC_2022", () if total is not None else refused) for total in totals]

    assert compute_mean_mme(days) == mean


def test_days_of_two_tables_are_not_averaged() -> None:
    days = [DayMme(F(60), "CDC_2022"), DayMme(F(60), "CDC_2016")]

    with pytest.raises(ValueError, match="CDC_2016 and CDC_2022 cannot be averaged; convert them again"):
        compute_mean_mme(days)
