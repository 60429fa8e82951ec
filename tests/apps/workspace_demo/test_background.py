"""What the made-up patients went through before: enough for one payer, too little, nothing."""

from datetime import date
from typing import Any

import pytest

from apps.patients.models import ConservativeTherapy, EligibilityReview, Patient
from apps.patients.selectors import read_before
from apps.patients.services import Act
from apps.workspace.demo.background import background_of, write_background
from apps.workspace.demo.stories import stories
from tests.factories import NOW, make_clinic, make_patient

STORIES = {story.pseudonym: story for story in stories(seed=1, today=date(2026, 10, 12))}


@pytest.fixture
def patient(db: None) -> Patient:
    return make_patient(clinic=make_clinic())


def facts_of(pseudonym: str, patient: Patient) -> dict[str, Any]:
    story = STORIES[pseudonym]
    write_background(story, patient=patient, act=Act("job:load_demo", NOW))
    before = read_before([patient.pk])[patient.pk]
    return before.eligibility(on=story.leads_on, placed_on=story.leads_on)


def test_most_have_tried_enough_and_are_cleared(patient: Patient) -> None:
    facts = facts_of("N-01", patient)

    assert facts["other_treatments_exhausted"] is True
    assert facts["psych_clearance"] is True
    assert facts["conservative_care_months"] > 6


def test_some_have_tried_too_little(patient: Patient) -> None:
    facts = facts_of("N-04", patient)

    assert facts["other_treatments_exhausted"] is False
    assert "psych_clearance" not in facts


def test_of_some_nothing_is_known_but_the_diagnosis(patient: Patient) -> None:
    assert facts_of("S-04", patient) == {}
    assert not ConservativeTherapy.objects.exists()
    assert not EligibilityReview.objects.exists()


def test_each_kind_of_background_is_met_in_the_demo() -> None:
    assert len({background_of(story).code for story in STORIES.values()}) == 3
