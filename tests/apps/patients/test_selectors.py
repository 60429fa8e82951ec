"""What a patient's record is to a trial: as it was known when the leads went in."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.audit.reasons import Why
from apps.patients.models import Patient
from apps.patients.selectors import Before, course_of, read_before
from apps.patients.services import void
from sctrial.kleene import Answer
from sctrial.therapies import adequacy_of
from tests.factories import make_patient, make_review, make_therapy
from tests.factories.before import ACT

PLACED = date(2026, 10, 8)


@pytest.fixture
def patient(clinic: Clinic) -> Patient:
    return make_patient(clinic=clinic)


def before_of(patient: Patient) -> Before:
    return read_before([patient.pk])[patient.pk]


def test_a_row_of_the_log_is_a_course_that_the_core_can_hold_against_its_numbers(patient: Patient) -> None:
    row = make_therapy(
        patient,
        kind="gabapentinoid",
        agent="Gabapentin",
        ended_on=date(2026, 4, 1),
        dose_mg=Decimal("1200.5"),
        weeks_at_dose=Decimal("2.5"),
    )

    course = course_of(row)

    assert (course.dose, course.weeks_at_dose) == (Fraction(2401, 2), Fraction(5, 2))
    assert adequacy_of(course, on=PLACED).answer is Answer.MET


def test_the_log_and_the_newest_review_make_the_facts(patient: Patient) -> None:
    make_therapy(patient)
    make_review(patient, adult=False)
    make_review(patient, adult=True, nothing_untried=True, attested={"no_level_asked": True})

    before = before_of(patient)

    assert before.eligibility(on=PLACED, placed_on=PLACED) == {
        "adult": True,
        # 1 January to 11 February: 42 days, at 31 a month, in tenths rounded down.
        "conservative_care_months": Fraction(42 * 10 // 31, 10),
        "other_treatments_exhausted": True,
        "prior_therapy_documented": True,
    }
    assert before.attested(placed_on=PLACED) == {"no_level_asked": True}


def test_a_review_made_after_the_leads_went_in_speaks_of_a_later_trial(patient: Patient) -> None:
    make_review(patient, adult=True)
    make_review(patient, adult=False, reviewed_on=date(2026, 10, 9))

    assert before_of(patient).eligibility(on=PLACED, placed_on=PLACED) == {"adult": True}
    assert before_of(patient).eligibility(on=PLACED, placed_on=None) == {"adult": False}


def test_what_was_struck_out_is_no_fact(patient: Patient) -> None:
    void(make_therapy(patient), act=ACT, why=Why("wrong_place", "another patient's"))

    assert before_of(patient).eligibility(on=PLACED, placed_on=None) == {}


def test_nothing_recorded_is_no_fact(patient: Patient) -> None:
    before = before_of(patient)

    assert (before.eligibility(on=PLACED, placed_on=None), before.attested(placed_on=None)) == ({}, {})


def test_many_patients_take_two_statements(clinic: Clinic) -> None:
    patients = [make_patient(clinic=clinic) for _ in range(3)]
    for one in patients:
        make_therapy(one)
        make_review(one)

    with CaptureQueriesContext(connection) as statements:
        found = read_before([one.pk for one in patients])

    assert len(statements) == 2
    assert [len(one.therapies) + len(one.reviews) for one in found.values()] == [2, 2, 2]
