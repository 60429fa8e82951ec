"""Trials that wait for a decision, and hands that sign."""

from datetime import date, datetime, timedelta

from apps.accounts.models import Clinic, User
from apps.outcomes.deciding import Hand
from apps.outcomes.models import Decision
from apps.outcomes.services import assess
from apps.outcomes.standing import screen_of
from apps.trials.models import StimulationTrial
from sctrial.choices import Choice
from sctrial.phases import Phase
from tests.factories.diary import make_entries
from tests.factories.trials import NOW, make_trial

#: Two days after the last evening: every window has closed.
SIGNING = NOW + timedelta(days=2)
#: Mean of 8 against 3: more than half of the pain is gone.
MET = {f"2026-10-0{day}": 8 for day in range(1, 8)} | {
    f"2026-10-{day}": 3 for day in ("08", "09", "10", "11")
}
NOT_MET = dict.fromkeys(MET, 8)


def make_waiting(
    clinic: Clinic, *, scores: dict[str, int] | None = None, at: datetime = SIGNING
) -> StimulationTrial:
    """Ended, judged and waiting for its decision."""
    trial = make_trial(clinic=clinic)
    make_entries(trial, scores or MET)
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase=Phase.DECISION_PENDING.value, ended_on=date(2026, 10, 12), end_reason="success"
    )
    assess(trial.pk, at=at)
    return StimulationTrial.objects.get(pk=trial.pk)


def make_decision(
    trial: StimulationTrial, *, choice: Choice = Choice.IMPLANT, at: datetime = SIGNING
) -> Decision:
    """A decision on whatever the verdict is, as its signature would have left it."""
    assess(trial.pk, at=at)
    own = trial.assessments.filter(rule_set_id=trial.rule_set_id).latest("id")
    return Decision.objects.create(trial=trial, assessment=own, choice=choice.value, decided_at=at)


def hand_of(user: User, *, trial: StimulationTrial, at: datetime = SIGNING) -> Hand:
    """Having just looked at the page."""
    screen = screen_of(StimulationTrial.objects.get(pk=trial.pk))
    return Hand(user, ("password", "totp"), at, screen.digest if screen else "")
