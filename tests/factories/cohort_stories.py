"""Twelve trials that ended: eight met; six implants, one taken out, four looked at later."""

from datetime import date

from apps.accounts.models import Clinic, Role
from apps.outcomes.deciding import sign_decision
from apps.outcomes.services import assess
from apps.trials.models import Explant, FollowUp, StimulationTrial
from sctrial.choices import Choice
from tests.factories.deciding import MET, NOT_MET, SIGNING, hand_of, make_waiting
from tests.factories.staff import make_staff
from tests.factories.stimulation import make_event, make_implant

IMPLANTED = date(2026, 11, 1)
#: Pain at the last visit; half of a baseline of 8 is 4.
VISITS = (2, 4, 3, 7)


def make_stories(clinic: Clinic) -> list[StimulationTrial]:
    """In this order: implanted and seen later (4), taken out, not seen yet, met only (2), neither (4)."""
    trials = [make_waiting(clinic, scores=MET if n < 8 else NOT_MET) for n in range(12)]
    for n, trial in enumerate(trials[:6]):
        implant = make_implant(trial, implanted_on=IMPLANTED)
        if n < len(VISITS):
            FollowUp.objects.create(implant=implant, month=1, seen_on=date(2026, 12, 1), pain=VISITS[n])
        elif n == 4:
            Explant.objects.create(implant=implant, explanted_on=date(2026, 11, 11), reason="infection")
    make_event(trials[0])
    assess(trials[0].pk, at=SIGNING)
    return trials


def sign_all(trials: list[StimulationTrial]) -> None:
    """Each decided for an implant, by a clinician of the first one's clinic."""
    surgeon = make_staff("surgeon", clinic=trials[0].clinic, role=Role.CLINICIAN)
    for trial in trials:
        sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(surgeon, trial=trial))
