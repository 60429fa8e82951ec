"""What each rule made of the evidence, what was signed, and what went wrong."""

from datetime import date

import pytest

from apps.accounts.models import Clinic, Role, User
from apps.outcomes.deciding import countersign, reopen, sign_decision
from apps.outcomes.models import Assessment
from apps.outcomes.standing import standing_decision
from apps.trials.models import StimulationTrial
from sctrial.choices import Choice
from tests.apps.cohorts.asking import rows, shown, table
from tests.factories import make_event, make_staff
from tests.factories.deciding import hand_of, make_waiting


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_waiting(clinic)


def test_every_rule_set_in_force_is_a_row_and_one_is_the_trials_own(
    clinic: Clinic, trial: StimulationTrial
) -> None:
    told = rows("assessments", clinic)

    assert len(told) == Assessment.objects.filter(trial=trial).count() > 10
    (own,) = [row for row in told if row["own"]]
    assert shown(own, "rule_set", "answer", "baseline_mean", "trial_mean", "percent_reduction") == (
        "MAC_NORIDIAN",
        "met",
        8.0,
        3.0,
        100 * (8 - 3) / 8,
    )
    assert own["rule_set_digest"].startswith("sha256:")


def test_a_decision_that_was_opened_again_stays_as_a_row(
    clinic: Clinic, trial: StimulationTrial, clinician: User
) -> None:
    second = make_staff("second", clinic=clinic, role=Role.CLINICIAN)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
    countersign(trial, hand=hand_of(second, trial=trial))
    decision = standing_decision(trial)
    assert decision is not None
    shown_digest = decision.signatures.earliest("id").digest
    hand = hand_of(clinician, trial=trial)
    reopen(
        trial, reason="Ada changed her mind", hand=type(hand)(hand.user, hand.factors, hand.at, shown_digest)
    )
    again = StimulationTrial.objects.get(pk=trial.pk)
    sign_decision(
        again,
        choice=Choice.NO_IMPLANT,
        hand=hand_of(clinician, trial=again),
        reason_code="patient_wish",
        reason="Ada does not want it",
    )

    told = rows("decisions", clinic)

    columns = ("decision_number", "choice", "reason_code", "superseded", "opened_again", "countersigned")
    assert [shown(row, *columns) for row in told] == [
        (1, "implant", "", True, True, True),
        (2, "no_implant", "patient_wish", False, False, False),
    ]
    assert "Ada" not in table("decisions", clinic).to_csv()


def test_an_event_is_told_in_codes_and_study_days(clinic: Clinic, trial: StimulationTrial) -> None:
    make_event(trial, onset_on=date(2026, 10, 11), description="Ada fell")
    make_event(trial, onset_on=date(2026, 10, 9), ended_on=date(2026, 10, 10))

    told = rows("events", clinic)

    columns = ("event_number", "onset_day", "event_ended_day", "code", "severity", "outcome")
    assert [shown(row, *columns) for row in told] == [
        (1, 2, 3, "lead_site_pain", "mild", "recovered"),
        (2, 4, None, "lead_site_pain", "mild", "recovered"),
    ]
    assert "Ada" not in table("events", clinic).to_csv()
