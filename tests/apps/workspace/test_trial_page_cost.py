"""What the trial page costs, wherever the trial stands: every statement but those that only begin or end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.audit.reasons import CORRECTION_REASONS
from apps.outcomes.deciding import sign_decision
from apps.outcomes.services import assess
from apps.trials.models import Correction, FollowUp, ProgramInterval, StimulationTrial
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.apps.workspace.busy import make_busy
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import make_event, make_implant, make_lead, make_review, make_stimulator, make_therapy
from tests.factories.deciding import hand_of

NOW = datetime.now(UTC)
MOST_STATEMENTS = 25
RUNNING = frozenset({Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE})
BEFORE_LEADS = frozenset({Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED, Phase.CANCELLED})
WITH_IMPLANT = frozenset({Phase.IMPLANTED, Phase.FOLLOW_UP, Phase.EXPLANTED})
SIGNED = WITH_IMPLANT | {Phase.DECIDED}
ENDED = {"ended_on": today() - timedelta(days=2), "end_reason": "success"}


def fill(trial: StimulationTrial, *, phase: Phase, clinician: User) -> None:
    """Everything waits at once, and the record holds what the way to ``phase`` leaves there."""
    make_busy(trial, at=NOW)
    make_review(trial.patient)
    make_therapy(trial.patient)
    make_lead(trial)
    make_stimulator(trial)
    make_event(trial)
    ProgramInterval.objects.create(
        trial=trial, name="A", waveform="tonic", started_on=first_day() + timedelta(days=7)
    )
    correct(trial, by=clinician)
    placed: dict[str, Any] = {} if phase not in BEFORE_LEADS else {"lead_placed_on": None}
    facts = placed if phase in RUNNING | BEFORE_LEADS else ENDED
    if phase in SIGNED:
        sign(trial, clinician=clinician)
    if phase in WITH_IMPLANT:
        FollowUp.objects.create(implant=make_implant(trial), month=1, seen_on=today(), pain=3)
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=phase.value, **facts)


def correct(trial: StimulationTrial, *, by: User) -> None:
    facts = {"old": {"target_area": "back"}, "new": {"target_area": "low back"}, "reason": "was too wide"}
    who = {"corrected_at": NOW, "corrected_by": f"staff:{by.pk}", "code": next(iter(CORRECTION_REASONS))}
    row = str(trial.pk)
    Correction.objects.create(trial=trial, model="trials.stimulationtrial", row=row, **facts, **who)


def sign(trial: StimulationTrial, *, clinician: User) -> None:
    closed = {"closed_at": NOW, "closed_by": "staff:1"}
    trial.correction_requests.update(state="accepted", **closed)
    trial.parked.update(outcome="kept", **closed)
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.DECISION_PENDING.value, **ENDED)
    assess(trial.pk, at=NOW)
    hand = hand_of(clinician, trial=trial, at=NOW)
    sign_decision(
        trial, choice=Choice.IMPLANT, hand=hand, reason_code="other", reason="as the patient wishes"
    )


@pytest.mark.parametrize("phase", list(Phase))
def test_wherever_the_trial_stands_its_page_costs_at_most_25_statements(
    trial: StimulationTrial, phase: Phase, clinician: User, as_staff: Visit
) -> None:
    fill(trial, phase=phase, clinician=clinician)
    client, page = as_staff(clinician), f"/staff/trials/stimulationtrial/{trial.pk}/change/"
    # What a process looks up once, such as its content types, is no cost of a page.
    client.get(page)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200

    assert len(asked) <= MOST_STATEMENTS
