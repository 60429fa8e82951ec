"""Synthetic patients are made in a demo, as a scenario describes them, and nowhere else."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist
from pytest_django.fixtures import Settings

from apps.diary.models import PatientDevice
from apps.diary.pairing import redeem_code
from apps.trials.models import StimulationTrial
from apps.workspace.demo.loading import NotADemo
from apps.workspace.sandbox.trials import NoSuchThing, act, invite, new_trial
from sctrial.phases import Phase
from sctrial.questions import OPTIONAL

pytestmark = pytest.mark.django_db

AT = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
FACTS = {"diary_from": "2026-10-05", "zone": "Pacific/Kiritimati", "diary_windows": "18:00-24:00"}


def stored(trial: StimulationTrial) -> StimulationTrial:
    return StimulationTrial.objects.get(pk=trial.pk)


def test_a_trial_is_what_the_scenario_says() -> None:
    trial = stored(new_trial("traveller", {**FACTS, "asks": ["sleep"], "goal": "walk"}, at=AT))

    assert (trial.patient.zone, trial.diary_windows) == ("Pacific/Kiritimati", "18:00-24:00")
    assert (trial.diary_from, trial.lead_placed_on, trial.phase) == (
        date(2026, 10, 5),
        None,
        "baseline_diary",
    )
    assert "invented" in trial.clinic.name
    assert set(trial.left_out.split(", ")) == set(OPTIONAL) - {"sleep"}


def test_the_same_scenario_twice_is_two_patients() -> None:
    first, second = (new_trial("traveller", FACTS, at=AT) for _ in range(2))

    assert first.patient_id != second.patient_id
    assert first.clinic_id == second.clinic_id


def test_both_secrets_of_an_invitation_join_a_phone() -> None:
    trial = new_trial("caregiver", FACTS, at=AT)

    for name in ("code", "secret"):
        device, _ = redeem_code(invite(trial.pk, holder="proxy", at=AT)[name], label="", at=AT)
        assert (device.trial_id, device.holder) == (trial.pk, "proxy")


def test_staff_place_leads_end_the_trial_and_revoke_phones() -> None:
    trial = new_trial("plain", FACTS, at=AT)
    redeem_code(invite(trial.pk, holder="patient", at=AT)["code"], label="", at=AT)

    act(trial.pk, "place_leads", at=AT, on=None)
    assert (stored(trial).lead_placed_on, stored(trial).phase) == (AT.date(), Phase.TRIAL_ACTIVE.value)
    act(trial.pk, "end_trial", at=AT, on=date(2026, 10, 14))
    assert stored(trial).ended_on == date(2026, 10, 14)
    act(trial.pk, "revoke", at=AT, on=None)
    assert PatientDevice.objects.get(trial=trial).revoked_at == AT


def test_what_staff_cannot_do_is_said() -> None:
    trial = new_trial("plain", FACTS, at=AT)

    with pytest.raises(NoSuchThing, match="'dance' is none of revoke, place_leads, end_trial"):
        act(trial.pk, "dance", at=AT, on=None)
    with pytest.raises(ObjectDoesNotExist):
        act(uuid4(), "revoke", at=AT, on=None)


def test_where_real_people_may_be_nothing_is_made_or_done(settings: Settings) -> None:
    trial = new_trial("plain", FACTS, at=AT)
    settings.DEMO = False

    with pytest.raises(NotADemo):
        new_trial("plain", FACTS, at=AT)
    with pytest.raises(NotADemo):
        invite(trial.pk, holder="patient", at=AT)
    with pytest.raises(NotADemo):
        act(trial.pk, "revoke", at=AT, on=None)
