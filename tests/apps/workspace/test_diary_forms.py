"""The fields in which staff write answers down: one for each question, nothing chosen beforehand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.accounts.models import Clinic
from apps.workspace.diary_forms import TranscriptForm, questions_of, said_field, said_of
from sctrial.questions import QUESTIONS
from sctrial.scales import OffScale
from tests.factories import make_patient, make_trial

NOW = datetime(2026, 10, 12, 18, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("question", ["target.average", *QUESTIONS])
def test_every_question_has_a_field_in_which_nothing_is_chosen(clinic: Clinic, question: str) -> None:
    field = said_field(question, trial=make_trial(clinic=clinic))

    assert field.initial is None


def test_target_pain_comes_first_then_other_regions_then_what_is_not_left_out(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, other_regions="back", left_out="sleep, go_ahead")

    keys = list(questions_of(trial))

    assert keys[:5] == ["target.average", "target.worst", "target.least", "target.current", "back.average"]
    assert "sleep" not in keys
    assert "goal_activity" not in keys, "the trial has no goal"
    assert keys[-2:] == ["red_flags", "note"]


def test_a_score_is_stored_in_units_of_the_trials_scale(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, scale="myaiguide_symptom")

    assert said_of("target.average", Decimal("3.2"), trial=trial) == 32
    with pytest.raises(OffScale):
        said_of("target.average", Decimal("3.25"), trial=trial)


def test_the_time_proposed_is_the_patients_own_minute(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="Asia/Tokyo"))

    form = TranscriptForm(question="sleep", trial=trial, now=NOW)

    assert str(form.fields["said_at"].initial) == "2026-10-13 03:00:00"


def test_a_warning_sign_belongs_to_the_day_on_which_it_was_told(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)

    assert "about" in TranscriptForm(question="sleep", trial=trial, now=NOW).fields
    assert "about" not in TranscriptForm(question="red_flags", trial=trial, now=NOW).fields


def test_a_zone_that_nobody_knows_is_said_and_not_guessed(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, patient=make_patient(clinic=clinic, zone="Mars/Olympus"))
    sent = {"said": "5", "said_at": "2026-10-12T20:00", "about": "today", "reason": "told us"}

    form = TranscriptForm(sent, question="sleep", trial=trial, now=NOW)

    assert "Mars/Olympus, is not known" in str(form.errors["said_at"])
