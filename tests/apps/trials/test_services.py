"""A trial's protocol is fixed before the scores can be seen."""

from datetime import date
from typing import Any

import pytest

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.trials.models import StimulationTrial
from apps.trials.policies import CannotChange
from apps.trials.services import change_trial, end_trial, place_leads
from sctrial.phases import CannotMove, EndReason, Phase
from tests.factories import CORRECTS, NOW, make_trial

pytestmark = pytest.mark.django_db(transaction=True)
LEADS_ON = date(2026, 10, 8)


def waiting(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, phase=Phase.BASELINE_DIARY.value, lead_placed_on=None)


PROTOCOL = [
    ({"rule_set_id": "NORTH_PP"}, "rule_set_id"),
    ({"trial_window": "whole-phase"}, "trial_window"),
    ({"baseline_window": "last-n-days:5"}, "baseline_window"),
    ({"several": "last"}, "several"),
    ({"day_starts_at_hour": 3}, "day_starts_at_hour"),
]


@pytest.mark.parametrize(("changes", "field"), PROTOCOL)
def test_the_protocol_may_change_before_the_leads_are_in_and_not_after(
    clinic: Clinic, changes: dict[str, Any], field: str
) -> None:
    trial = waiting(clinic)
    change_trial(trial.pk, changes=changes, act=CORRECTS)
    place_leads(trial.pk, on=LEADS_ON, by="staff:1", at=NOW)

    with pytest.raises(CannotChange, match=field):
        change_trial(trial.pk, changes={field: getattr(waiting(clinic), field)}, act=CORRECTS)


def test_no_verdict_may_rest_on_the_best_day(clinic: Clinic) -> None:
    with pytest.raises(CannotChange, match="trial_window"):
        change_trial(waiting(clinic).pk, changes={"trial_window": "best-day"}, act=CORRECTS)


def test_a_change_raises_the_evidence_version_and_leaves_its_field_names_in_the_trail(
    clinic: Clinic,
) -> None:
    trial = place_leads(waiting(clinic).pk, on=LEADS_ON, by="staff:7", at=NOW)

    trial.refresh_from_db()
    event = AuditEvent.objects.get(object_type="trial", object_id=str(trial.pk))
    assert trial.evidence_version == 1
    assert (event.actor, event.detail) == ("staff:7", {"fields": ["lead_placed_on", "phase"]})


def test_leads_are_placed_once_and_a_trial_ends_once(clinic: Clinic) -> None:
    trial = place_leads(waiting(clinic).pk, on=LEADS_ON, by="staff:1", at=NOW)
    end_trial(trial.pk, on=date(2026, 10, 15), end_reason=EndReason.SUCCESS, by="staff:1", at=NOW)

    with pytest.raises(CannotMove):
        place_leads(trial.pk, on=LEADS_ON, by="staff:1", at=NOW)
    with pytest.raises(CannotMove):
        end_trial(trial.pk, on=date(2026, 10, 16), end_reason=EndReason.SUCCESS, by="staff:1", at=NOW)
