"""Two members of staff move one trial at the same moment: one does, the other is told."""

from datetime import date
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.trials.models import StimulationTrial
from apps.trials.services import move_trial
from sctrial.phases import CannotMove, EndReason, Phase
from tests.factories import NOW, make_trial
from tests.races.together import at_once, threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_different_steps_at_once_one_is_taken(clinic: Clinic) -> None:
    for _ in range(5):
        trial = make_trial(clinic=clinic)

        def end(trial: StimulationTrial = trial) -> str:
            return taken(trial, to=Phase.ENDED)

        def leave(trial: StimulationTrial = trial) -> str:
            return taken(trial, to=Phase.WITHDRAWN)

        with threads(2) as pool:
            answers = at_once(pool, [end, leave])
        trial.refresh_from_db()

        assert sorted(answers) == sorted(["refused", trial.phase])
        assert AuditEvent.objects.filter(object_id=str(trial.pk), action="move").count() == 1


def taken(trial: StimulationTrial, *, to: Phase) -> str:
    given: dict[str, Any] = {
        "on": date(2026, 10, 12),
        "end_reason": EndReason.SUCCESS,
        "reason": "both at once",
    }
    try:
        return move_trial(trial, to=to, by="job:test", at=NOW, expected=Phase.TRIAL_ACTIVE, **given).phase
    except CannotMove:
        return "refused"
