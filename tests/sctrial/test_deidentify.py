"""What stands in the place of a name, a date and an age."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.deidentify import (
    WeakKey,
    age_band,
    compute_age,
    compute_shift,
    compute_study_day,
    make_site_id,
    make_study_id,
)

KEY, OTHER = b"a key of this installation", b"a key of another installation"
PLACED = date(2026, 10, 8)


def test_a_person_has_one_id_under_a_key_and_another_under_another() -> None:
    assert make_study_id("7", key=KEY) == make_study_id("7", key=KEY)
    assert make_study_id("7", key=KEY) != make_study_id("7", key=OTHER)
    assert len({make_study_id(str(n), key=KEY) for n in range(10_000)}) == 10_000


def test_an_id_is_a_letter_and_twelve_of_base_32() -> None:
    found = make_study_id("7", key=KEY)

    assert (found[0], len(found)) == ("S", 13)
    assert set(found[1:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_a_clinic_and_a_patient_of_one_number_share_nothing() -> None:
    assert make_site_id("7", key=KEY)[1:] != make_study_id("7", key=KEY)[1:]


@pytest.mark.parametrize("make", [make_study_id, make_site_id, compute_shift])
def test_a_key_that_could_be_guessed_is_refused(make: object) -> None:
    with pytest.raises(WeakKey, match="at least 16"):
        make("7", key=b"short")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("day", "number"),
    [
        # CDISC SDTM: there is no day 0.
        (PLACED - timedelta(days=2), -2),
        (PLACED - timedelta(days=1), -1),
        (PLACED, 1),
        (PLACED + timedelta(days=1), 2),
    ],
)
def test_study_days_have_no_day_0(day: date, number: int) -> None:
    assert compute_study_day(day, anchor=PLACED) == number


@given(st.text(max_size=20))
def test_a_shift_is_whole_weeks_up_to_a_year_and_never_none(person: str) -> None:
    shift = compute_shift(person, key=KEY)

    assert shift.days % 7 == 0
    assert timedelta() < abs(shift) <= timedelta(weeks=52)


def test_shifts_go_both_ways_and_differ_between_people() -> None:
    shifts = {compute_shift(str(n), key=KEY) for n in range(2_000)}

    assert len(shifts) == 2 * 52


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(1970, 10, 9), PLACED, 55),
        (date(1970, 10, 8), PLACED, 56),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
    ],
)
def test_an_age_is_of_completed_years(born_on: date, on: date, age: int) -> None:
    assert compute_age(born_on, on=on) == age


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (None, ""),
        (0, "under 20"),
        (19, "under 20"),
        (20, "20-29"),
        (59, "50-59"),
        (60, "60-69"),
        (89, "80-89"),
        # 45 CFR 164.514(b)(2)(i)(C): ages over 89 are told as one group.
        (90, "90 and over"),
        (104, "90 and over"),
    ],
)
def test_ages_are_told_in_tens(age: int | None, band: str) -> None:
    assert age_band(age) == band
