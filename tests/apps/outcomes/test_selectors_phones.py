"""What a phone answers beside pain becomes a fact that rules look at, with who gave each answer."""

import json
import uuid
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import QuestionnaireResponse
from apps.diary.schemas import AnswerBody, parse
from apps.diary.services import Taken, record_answers
from apps.outcomes.selectors import read_evidence
from apps.outcomes.services import assess
from apps.trials.models import StimulationTrial
from sctrial.facts import GlobalChange
from tests.factories import NOW, make_answer_body, make_device, make_entries, make_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


def answer(trial: StimulationTrial, question: str, said: dict[str, Any], **more: Any) -> str:
    device, _ = make_device(trial)
    pk = str(uuid.uuid4())
    body = parse(AnswerBody, make_answer_body(question, said, **more))
    (outcome,) = record_answers([(pk, body)], by=device, at=NOW, request_id="test")
    assert isinstance(outcome, Taken)
    return pk


def test_what_the_patient_states_on_the_phone_is_what_the_rules_read(trial: StimulationTrial) -> None:
    answer(trial, "stated_relief", {"number": 60})
    answer(trial, "global_change", {"choice": "much_better"})
    answer(trial, "trial_satisfaction", {"choice": "yes"})

    evidence = read_evidence(trial)

    assert evidence.facts.stated_relief == Fraction(60)
    # The second best of seven, counted from the best.
    assert evidence.facts.global_change == GlobalChange(answer=2, best=1)
    assert evidence.satisfied is True


def test_the_newest_day_counts_whoever_wrote_it(trial: StimulationTrial) -> None:
    QuestionnaireResponse.objects.create(
        trial=trial,
        instrument="stated_relief",
        version="1",
        answered_on=date(2026, 10, 11),
        answers={"percent": 20},
    )
    answer(trial, "stated_relief", {"number": 50}, captured_at="2026-10-10T19:00:00+02:00")
    assert read_evidence(trial).facts.stated_relief == 20

    answer(trial, "stated_relief", {"number": 70}, captured_at="2026-10-12T19:00:00+02:00")
    assert read_evidence(trial).facts.stated_relief == 70


def test_an_answer_that_was_replaced_says_nothing_any_more(trial: StimulationTrial) -> None:
    first = answer(trial, "stated_relief", {"number": 30})
    answer(trial, "stated_relief", {"number": 80}, supersedes=first, captured_at="2026-10-12T19:40:00+02:00")

    assert read_evidence(trial).facts.stated_relief == 80


def test_the_frozen_evidence_names_who_answered_in_the_patients_place(trial: StimulationTrial) -> None:
    make_entries(trial, {"2026-10-01": 7})
    make_entries(trial, {"2026-10-02": 6}, originator="proxy")

    assess(trial.pk, at=NOW)

    entries = json.loads(trial.evidence.get().content)["entries"]
    assert [(entry["day"], entry.get("originator")) for entry in entries] == [
        ("2026-10-01", None),
        ("2026-10-02", "proxy"),
    ]
