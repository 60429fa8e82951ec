"""Facts from before the trial: months of care, other treatments failed, psychological clearance."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.checklist import PsychResult, Review
from sctrial.facts import Facts
from sctrial.referral import care_months, exhausted, facts_before_trial
from sctrial.therapies import Course
from sctrial.therapy_table import Outcome, TherapyClass

ON = date(2026, 10, 1)
REVIEW = Review(date(2026, 9, 1), facts={"adult": True}, nothing_untried=True)


def walking(first: str, last: str | None, outcome: str | None = "no_effect") -> Course:
    return Course(
        TherapyClass.PHYSICAL_THERAPY,
        "walking",
        started=date.fromisoformat(first),
        ended=None if last is None else date.fromisoformat(last),
        outcome=None if outcome is None else Outcome(outcome),
    )


@pytest.mark.parametrize(
    ("courses", "months"),
    [
        ([], 0),
        ([("2026-01-15", "2026-07-14")], 6),
        ([("2026-01-15", "2026-07-13")], Fraction(180 * 10 // 31, 10)),
        # Care that overlaps counts once, care that follows the next day is unbroken.
        ([("2026-01-01", "2026-03-31"), ("2026-02-01", "2026-06-30")], 6),
        ([("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30")], 6),
        # With a gap: all days, at 31 a month, in tenths rounded down.
        ([("2026-01-01", "2026-01-31"), ("2026-04-01", "2026-04-30")], Fraction((31 + 30) * 10 // 31, 10)),
        # Still going on: until the day the leads go in.
        ([("2026-04-02", None)], 6),
        # Begun later than that: not yet.
        ([("2026-12-01", None)], 0),
        # The end of a month has a longer day to wait for: not before 1 March.
        ([("2026-01-31", "2026-02-27")], Fraction(28 * 10 // 31, 10)),
        ([("2026-01-31", "2026-02-28")], 1),
    ],
)
def test_months_of_conservative_care(courses: list[tuple[str, str | None]], months: Fraction | int) -> None:
    assert care_months([walking(*each) for each in courses], on=ON) == months


def test_an_operation_is_no_conservative_care() -> None:
    operation = replace(walking("2026-01-01", "2026-06-30"), kind=TherapyClass.SURGERY)

    assert care_months([operation], on=ON) == 0


spans = st.tuples(st.dates(date(2025, 1, 1), ON), st.integers(0, 250))


def as_course(span: tuple[date, int]) -> Course:
    first, days = span
    return Course(TherapyClass.NSAID, started=first, ended=first + timedelta(days=days))


@given(st.lists(spans, max_size=5), spans)
def test_one_more_course_never_makes_the_care_shorter(
    some: list[tuple[date, int]], more: tuple[date, int]
) -> None:
    courses = [as_course(span) for span in some]

    assert care_months([*courses, as_course(more)], on=ON) >= care_months(courses, on=ON)


@given(st.lists(spans, max_size=5))
def test_care_is_never_said_to_be_longer_than_its_days(some: list[tuple[date, int]]) -> None:
    courses = [as_course(span) for span in some]
    covered = {
        first + timedelta(days=n)
        for first, days in some
        for n in range(days + 1)
        if first + timedelta(days=n) <= ON
    }

    assert care_months(courses, on=ON) <= Fraction(len(covered), 28)


ADEQUATE, SHORT = ("2026-01-01", "2026-06-30"), ("2026-01-01", "2026-01-14")


@pytest.mark.parametrize(
    ("stated", "courses", "fact"),
    [
        # Stated by the review and shown by the log.
        (True, [(*ADEQUATE, "no_effect")], True),
        # Stated only: nothing in the log, or a course too short, or one whose end nobody recorded.
        (True, [], None),
        (True, [(*SHORT, "no_effect")], False),
        (True, [(*ADEQUATE, None)], None),
        # Shown only: the review is silent, or says that something is left to try.
        (None, [(*ADEQUATE, "no_effect")], None),
        (False, [(*ADEQUATE, "no_effect")], False),
        (True, [(*ADEQUATE, "helps")], False),
    ],
)
def test_other_treatments_failed_when_stated_and_shown(
    stated: bool | None, courses: list[tuple[str, str, str | None]], fact: bool | None
) -> None:
    review = replace(REVIEW, nothing_untried=stated)

    assert exhausted([walking(*each) for each in courses], review=review, on=ON) is fact


@pytest.mark.parametrize(
    ("result", "expires", "fact"),
    [
        ("cleared", None, True),
        ("cleared", date(2026, 10, 1), True),
        ("cleared", date(2026, 9, 30), None),
        ("with_conditions", None, None),
        ("deferred", None, None),
        ("not_cleared", None, False),
    ],
)
def test_clearance_on_the_day_the_leads_go_in(result: str, expires: date | None, fact: bool | None) -> None:
    review = replace(
        REVIEW, psych_on=date(2026, 8, 1), psych_result=PsychResult(result), psych_expires_on=expires
    )

    found = facts_before_trial([], review=review, on=ON)

    assert found["psych_evaluation"] is True
    assert found.get("psych_clearance") is fact


def test_nothing_recorded_is_no_fact_at_all() -> None:
    assert facts_before_trial([], review=None, on=ON) == {}


def test_what_is_found_is_taken_by_the_facts_of_a_verdict() -> None:
    found = facts_before_trial([walking(*ADEQUATE)], review=REVIEW, on=ON)

    assert Facts(eligibility=found).eligibility == {
        "adult": True,
        "conservative_care_months": 6,
        "other_treatments_exhausted": True,
        "prior_therapy_documented": True,
    }


def test_a_treatment_begun_after_the_leads_is_no_fact_of_this_trial() -> None:
    assert facts_before_trial([walking("2026-11-01", None)], review=None, on=ON) == {}
