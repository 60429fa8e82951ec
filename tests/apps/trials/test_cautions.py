"""Leads go in past an active infection, or an anticoagulant without a plan, when somebody says why."""

from datetime import date
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.trials.cautions import ANTICOAGULANT, INFECTION, cautions_of
from apps.trials.models import StimulationTrial
from apps.trials.services import move_trial
from sctrial.phases import CannotMove, Phase
from tests.factories import NOW, make_review, make_trial

pytestmark = pytest.mark.django_db
ON = date(2026, 10, 8)
# fmt: off
REVIEWS: list[tuple[dict[str, Any], list[str]]] = [
    # the review says                                              warned of
    ({},                                                           []),
    ({"active_infection": False, "anticoagulant": "none"},         []),
    ({"active_infection": True},                                   [INFECTION]),
    ({"anticoagulant": "no_plan"},                                 [ANTICOAGULANT]),
    ({"active_infection": True, "anticoagulant": "no_plan"},       [INFECTION, ANTICOAGULANT]),
]
# fmt: on


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)


def place(trial: StimulationTrial, *, reason: str = "") -> None:
    move_trial(trial, to=Phase.LEAD_PLACED, by="job:test", at=NOW, on=ON, reason=reason)


@pytest.mark.parametrize(("says", "warned"), REVIEWS)
def test_what_the_newest_review_warns_of_is_told_before_the_leads_go_in(
    trial: StimulationTrial, says: dict[str, Any], warned: list[str]
) -> None:
    make_review(trial.patient, **says)

    assert cautions_of(trial) == warned
    if not warned:
        place(trial)
        return
    with pytest.raises(CannotMove, match="Say why the leads go in all the same"):
        place(trial)
    place(trial, reason="emergency use, agreed with the surgeon")
    assert AuditEvent.objects.get(action="move").reason == "emergency use, agreed with the surgeon"


def test_a_review_that_was_made_anew_is_the_one_that_counts(trial: StimulationTrial) -> None:
    make_review(trial.patient, active_infection=True)
    make_review(trial.patient, active_infection=False)

    assert cautions_of(trial) == []
