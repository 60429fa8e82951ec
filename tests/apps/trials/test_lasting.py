"""What the trial page says about the length of a trial, and from which day on."""

from datetime import date, timedelta

import pytest

from apps.accounts.models import Clinic
from apps.trials.extending import extend_trial
from apps.trials.lasting import warnings_of
from sctrial.phases import Phase
from tests.factories import NOW, make_lead, make_trial

pytestmark = pytest.mark.django_db
LEADS_ON = date(2026, 10, 8)

# fmt: off
DAYS = [
    # lead           today  planned  says
    ("percutaneous", 3,     7,       []),
    ("percutaneous", 10,    10,      []),
    ("percutaneous", 8,     7,       ["has passed"]),
    ("percutaneous", 3,     11,      ["past 10 days", "No reason"]),
    ("percutaneous", 11,    11,      ["past 10 days", "No reason"]),
    ("wireless",     3,     11,      []),
    ("wireless",     3,     30,      ["30 days or more"]),
    ("percutaneous", 3,     30,      ["past 10 days", "No reason", "30 days or more"]),
]
# fmt: on


@pytest.mark.parametrize(("kind", "today", "planned", "says"), DAYS)
def test_a_long_trial_is_named_with_its_source(
    clinic: Clinic, kind: str, today: int, planned: int, says: list[str]
) -> None:
    trial = make_trial(clinic=clinic, planned_end_on=LEADS_ON + timedelta(days=planned))
    make_lead(trial, kind=kind)

    said = list(warnings_of(trial, today=LEADS_ON + timedelta(days=today)))

    assert len(said) == len(says)
    assert all(part in words for part, words in zip(says, said, strict=True))


def test_a_reason_given_is_not_asked_for_again(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, planned_end_on=LEADS_ON + timedelta(days=7))
    extend_trial(trial, to=LEADS_ON + timedelta(days=12), by="job:test", at=NOW, reason="settings change")
    trial.refresh_from_db()

    (only,) = warnings_of(trial, today=LEADS_ON + timedelta(days=4))

    assert only.startswith("Day 4 with externalised leads, planned to day 12: past 10 days.")
    assert "24.1 %" in only
    assert "PROMISE" in only


def test_a_trial_without_leads_in_it_is_not_long(clinic: Clinic) -> None:
    for phase in set(Phase) - {Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE}:
        trial = make_trial(clinic=clinic, phase=phase.value, planned_end_on=LEADS_ON + timedelta(days=40))
        assert list(warnings_of(trial, today=LEADS_ON + timedelta(days=20))) == []
