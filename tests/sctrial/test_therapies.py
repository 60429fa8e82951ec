"""What makes a course of conservative treatment adequate, and when it counts as failed, as tables."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.kleene import Answer
from sctrial.sources import Mark
from sctrial.therapies import Course, adequacy_of, failure_of, failures_by_class, relief_span_words
from sctrial.therapy_table import OUTCOMES, THERAPIES, Counts, Outcome, TherapyClass

ON = date(2026, 10, 1)
MET, NOT_MET, OPEN = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE


def course(kind: str, agent: str = "", *, weeks: int | None = None, **facts: Any) -> Course:
    """A course that began ``weeks`` before ON and went on until the day before."""
    if weeks is not None:
        facts |= {"started": ON - timedelta(weeks=weeks), "ended": ON - timedelta(days=1)}
    numbers = ("dose", "weeks_at_dose", "blocks", "block_relief", "relief", "relief_weeks")
    exact: dict[str, Any] = {
        name: Fraction(value) if name in numbers else value for name, value in facts.items()
    }
    return Course(TherapyClass(kind), agent, **exact)


def gabapentin(**facts: Any) -> Course:
    return course("gabapentinoid", "gabapentin", **{"weeks": 12, "dose": 1800, "weeks_at_dose": 8} | facts)


@pytest.mark.parametrize(
    ("tried", "answer"),
    [
        # Gabapentin: 1200 to 3600 mg a day (NeuPSIG); 3 to 8 weeks of titration and 2 at the highest dose.
        (gabapentin(), MET),
        (gabapentin(dose=1200, weeks=3 + 2, weeks_at_dose=2), MET),
        (gabapentin(dose=900), NOT_MET),
        (gabapentin(weeks=4), NOT_MET),
        (gabapentin(weeks_at_dose=1), NOT_MET),
        (replace(gabapentin(), dose=None), OPEN),
        (replace(gabapentin(dose=900), weeks_at_dose=None), NOT_MET),
        (replace(gabapentin(), agent=" Gabapentin "), MET),
        # Pregabalin: 300 to 600 mg a day, about 4 weeks at the dose.
        (course("gabapentinoid", "pregabalin", weeks=6, dose=300, weeks_at_dose=4), MET),
        (course("gabapentinoid", "pregabalin", weeks=6, dose=150, weeks_at_dose=4), NOT_MET),
        # Duloxetine 60 to 120, venlafaxine XR 150 to 225 mg a day; their 4 weeks are unverified.
        (course("snri", "duloxetine", weeks=20, dose=60), OPEN),
        (course("snri", "duloxetine", weeks=20, dose=30), NOT_MET),
        (course("snri", "venlafaxine XR", weeks=20, dose=75), NOT_MET),
        (course("snri", "another", weeks=20, dose=500), OPEN),
        # Tricyclics 25 to 150 mg a day, tramadol 200 to 400 mg a day; their weeks are unverified.
        (course("tca", "amitriptyline", weeks=20, dose=25), OPEN),
        (course("tca", "amitriptyline", weeks=20, dose=10), NOT_MET),
        (course("opioid", "tramadol", weeks=20, dose=100), NOT_MET),
        (course("opioid", "morphine", weeks=20, dose=60), OPEN),
        # Radiofrequency ablation after two positive sets of blocks of at least 80 %.
        (course("radiofrequency", weeks=20, blocks=2, block_relief=80), MET),
        (course("radiofrequency", weeks=20, blocks=1, block_relief=90), NOT_MET),
        (course("radiofrequency", weeks=20, blocks=2, block_relief=70), NOT_MET),
        (course("radiofrequency", weeks=20, blocks=2), OPEN),
        # Physical therapy for at least 6 weeks.
        (course("physical_therapy", "walking", weeks=6), MET),
        (course("physical_therapy", "walking", weeks=5), NOT_MET),
        (course("physical_therapy", "walking"), OPEN),
        # No sourced number.
        (course("nsaid", "ibuprofen", weeks=20, dose=2400), OPEN),
        (course("topical", "lidocaine 5 %", weeks=20), OPEN),
        (course("epidural_steroid", weeks=20, relief=60), OPEN),
        (course("nerve_root_block", weeks=20), OPEN),
        (course("behavioural", "CBT", weeks=20), OPEN),
        (course("surgery", weeks=20), OPEN),
    ],
)
def test_a_course_is_adequate_by_class_dose_and_time(tried: Course, answer: Answer) -> None:
    assert adequacy_of(tried, on=ON).answer is answer


def test_why_is_told_with_number_asked_and_source() -> None:
    dose, length, at_dose = adequacy_of(gabapentin(dose=900), on=ON).reasons

    assert dose == (
        "Highest dose: 900 mg a day; asked is at least 1200 mg a day "
        "(NeuPSIG recommendations on drugs for neuropathic pain [S])."
    )
    seen = "(secondary texts; read in excerpts [S])"
    assert length == f"Length: 12 weeks; asked is at least 5 weeks {seen}."
    assert at_dose == f"Time at the highest dose: 8 weeks; asked is at least 2 weeks {seen}."


def test_what_is_only_general_knowledge_is_shown_as_unverified_and_decides_nothing() -> None:
    told = adequacy_of(course("snri", "duloxetine", weeks=1, dose=60), on=ON)

    assert told.answer is OPEN
    assert "unverified and decides nothing" in told.reasons[1]


def test_a_class_without_a_number_says_what_is_missing() -> None:
    told = adequacy_of(course("epidural_steroid", weeks=20), on=ON)

    assert told.reasons == ("No sourced number for number of injections, relief and its length.",)


def test_every_class_has_a_standard_and_every_number_a_source() -> None:
    assert set(THERAPIES) == set(TherapyClass)
    assert set(OUTCOMES) == set(Outcome)
    for therapy in THERAPIES.values():
        assert therapy.standards[-1].agent == ""
        for standard in therapy.standards:
            assert standard.needs or standard.gaps
            assert all(
                need.source.text and need.source.mark in (Mark.SEEN, Mark.KNOWN) for need in standard.needs
            )


@pytest.mark.parametrize(
    ("outcome", "facts", "answer"),
    [
        # Without effect, partial, worn off: shown by an adequate course only.
        ("no_effect", {}, MET),
        ("no_effect", {"dose": 900}, NOT_MET),
        ("partial", {"relief": 20}, MET),
        ("partial", {"relief": 30}, NOT_MET),
        ("wore_off", {"relief": 60}, MET),
        # A side effect or a contraindication needs no adequate course.
        ("intolerance", {"dose": 300, "weeks": 1}, MET),
        ("contraindicated", {"weeks": None}, MET),
        # Declined, no access: for the payer to say.
        ("declined", {"weeks": None}, OPEN),
        ("no_access", {"weeks": None}, OPEN),
        ("too_little", {}, NOT_MET),
        ("helps", {}, NOT_MET),
    ],
)
def test_failure_is_shown_not_claimed(outcome: str, facts: dict[str, Any], answer: Answer) -> None:
    assert failure_of(gabapentin(outcome=Outcome(outcome), **facts), on=ON).answer is answer


@pytest.mark.parametrize(
    ("tried", "stated", "answer"),
    [
        (course("snri", "duloxetine", weeks=20, dose=60), None, OPEN),
        (course("snri", "duloxetine", weeks=20, dose=60), True, MET),
        (course("snri", "duloxetine", weeks=20, dose=60), False, NOT_MET),
        # A computed answer stands against any statement.
        (gabapentin(dose=900), True, NOT_MET),
        (gabapentin(), False, MET),
    ],
)
def test_a_clinicians_word_counts_only_where_nothing_can_be_computed(
    tried: Course, stated: bool | None, answer: Answer
) -> None:
    told = failure_of(replace(tried, outcome=Outcome.NO_EFFECT, stated_adequate=stated), on=ON)

    assert told.answer is answer


def test_a_class_failed_when_one_of_its_courses_shows_it() -> None:
    low = gabapentin(dose=300, outcome=Outcome.NO_EFFECT)
    high = gabapentin(outcome=Outcome.NO_EFFECT)
    therapy = course("physical_therapy", weeks=2, outcome=Outcome.NO_EFFECT)

    assert failures_by_class([low, high, therapy], on=ON) == {
        TherapyClass.GABAPENTINOID: MET,
        TherapyClass.PHYSICAL_THERAPY: NOT_MET,
    }


def test_relief_after_ablation_is_told_beside_the_expected_span() -> None:
    assert relief_span_words(course("radiofrequency", weeks=30, relief_weeks=16)) == (
        "Relief lasted: 16 weeks; expected are 6 to 12 months and more "
        "(secondary texts on payers' policies [S])."
    )
    assert relief_span_words(gabapentin()) == ""


kinds = st.sampled_from(TherapyClass)
numbers = st.none() | st.fractions(min_value=0, max_value=4000)
days = st.none() | st.dates(date(2020, 1, 1), ON)
courses = st.builds(
    Course,
    kind=kinds,
    agent=st.sampled_from(sorted({agent for one in THERAPIES.values() for agent in (*one.agents, "x")})),
    started=days,
    ended=st.none(),
    dose=numbers,
    weeks_at_dose=numbers,
    blocks=numbers,
    block_relief=numbers,
    relief=numbers,
    outcome=st.none() | st.sampled_from(Outcome),
    stated_adequate=st.none() | st.booleans(),
)


@given(courses, st.sampled_from(["dose", "weeks_at_dose", "blocks", "block_relief"]), st.fractions(0, 100))
def test_more_of_a_treatment_never_makes_it_less_adequate(tried: Course, name: str, more: Fraction) -> None:
    had = getattr(tried, name)
    order = [NOT_MET, OPEN, MET]
    if had is not None:
        after = adequacy_of(replace(tried, **{name: had + more}), on=ON).answer
        assert order.index(after) >= order.index(adequacy_of(tried, on=ON).answer)


@given(courses, st.sampled_from(["dose", "weeks_at_dose", "blocks", "block_relief", "started"]))
def test_forgetting_a_number_never_turns_a_no_into_a_yes_or_a_yes_into_a_no(tried: Course, name: str) -> None:
    before = adequacy_of(tried, on=ON).answer
    forgotten: dict[str, Any] = {name: None}
    after = adequacy_of(replace(tried, **forgotten), on=ON).answer
    assert after in (before, OPEN) or before is OPEN


@given(courses)
def test_only_what_is_counted_at_adequate_courses_depends_on_adequacy(tried: Course) -> None:
    if tried.outcome is not None and OUTCOMES[tried.outcome][1] is not Counts.IF_ADEQUATE:
        assert failure_of(tried, on=ON).answer is failure_of(replace(tried, dose=None), on=ON).answer
