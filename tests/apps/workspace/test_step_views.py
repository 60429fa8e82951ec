"""The steps of a trial on its page: what is open to whom, and what a press of the button does."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.trials.models import StimulationTrial
from sctrial.phases import STEPS, EndReason, Phase
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import make_lead, make_stimulator, make_trial

pytestmark = pytest.mark.django_db
TRIALS = "/staff/trials/stimulationtrial/"


@pytest.fixture
def client(coordinator: User, as_staff: Visit) -> Client:
    return as_staff(coordinator)


@pytest.fixture
def waiting(clinic: Clinic) -> StimulationTrial:
    return make_trial(
        clinic=clinic, phase=Phase.BASELINE_DIARY.value, diary_from=first_day(), lead_placed_on=None
    )


def page_of(client: Client, trial: StimulationTrial) -> Any:
    return client.get(f"{TRIALS}{trial.pk}/change/")


def press(client: Client, trial: StimulationTrial, to: Phase, **given: object) -> Any:
    sent = {"expected": trial.phase} | given
    return client.post(f"{TRIALS}{trial.pk}/steps/{to.value}/", sent, follow=True)


def open_names(response: Any) -> list[str]:
    return [one.step.to.value for one in response.context["open_steps"]]


def test_the_page_shows_what_is_open_and_why_the_rest_is_not(trial: StimulationTrial, client: Client) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(phase=Phase.LEAD_PLACED.value)
    before = page_of(client, trial)
    make_lead(trial)
    make_stimulator(trial)
    after = page_of(client, trial)

    assert open_names(before) == ["ended", "withdrawn"]
    assert "not recorded yet: at least one lead; the external stimulator" in before.content.decode()
    assert open_names(after) == ["trial_active", "ended", "withdrawn"]


def test_placing_the_leads_takes_the_day_and_leaves_its_trace(
    waiting: StimulationTrial, coordinator: User, client: Client
) -> None:
    refused = press(client, waiting, Phase.LEAD_PLACED, on="").content.decode()
    taken = press(client, waiting, Phase.LEAD_PLACED, on=str(today())).content.decode()

    waiting.refresh_from_db()
    assert "Nothing was written: Day: This field is required." in refused
    assert "Done: record the placement of the leads." in taken
    assert (waiting.phase, waiting.lead_placed_on) == ("lead_placed", today())
    assert AuditEvent.objects.get(action="move").actor == f"staff:{coordinator.pk}"


@pytest.mark.parametrize("step", [step for step in STEPS if step.is_signed], ids=lambda step: step.name)
def test_what_is_signed_is_taken_by_no_button(
    trial: StimulationTrial, clinician: User, as_staff: Visit, step: Any
) -> None:
    over = {"phase": step.start.value, "ended_on": today(), "end_reason": "success"}
    StimulationTrial.objects.filter(pk=trial.pk).update(**over)
    trial.refresh_from_db()
    client = as_staff(clinician)

    assert press(client, trial, step.to, reason="as I wish").status_code == 404
    assert step.to.value not in open_names(page_of(client, trial))
    trial.refresh_from_db()
    assert trial.phase == step.start


def test_who_acts_on_an_old_page_is_told_and_nothing_happens(
    waiting: StimulationTrial, client: Client
) -> None:
    shown = waiting.phase
    StimulationTrial.objects.filter(pk=waiting.pk).update(phase=Phase.CANCELLED.value)
    waiting.phase = shown

    page = press(client, waiting, Phase.LEAD_PLACED, on=str(today())).content.decode()

    assert "by now, the page showed" in page
    waiting.refresh_from_db()
    assert (waiting.phase, waiting.lead_placed_on) == ("cancelled", None)


# fmt: off
MAY = [
    # who             sees the page  may press
    ("coordinator",   200,           200),
    ("clinician",     200,           200),
    ("site_admin",    200,           403),
    ("analyst",       200,           403),
    ("stranger",      404,           404),
    ("nobody",        403,           404),
]
# fmt: on


@pytest.mark.parametrize(("who", "sees", "presses"), MAY)
def test_who_treats_the_patient_moves_the_trial(
    request: pytest.FixtureRequest,
    waiting: StimulationTrial,
    as_staff: Visit,
    who: str,
    sees: int,
    presses: int,
) -> None:
    client = as_staff(request.getfixturevalue(who))
    page = page_of(client, waiting)
    pressed = press(client, waiting, Phase.CANCELLED, reason="the patient moves away")
    extended = client.post(f"{TRIALS}{waiting.pk}/extend/", {"to": str(today())}, follow=True)

    waiting.refresh_from_db()
    assert (page.status_code, pressed.status_code, extended.status_code) == (sees, presses, presses)
    assert waiting.phase == ("cancelled" if presses == 200 else "baseline_diary")
    if sees == 200 and presses != 200:
        assert open_names(page) == []


def test_a_technical_failure_is_named_apart_from_efficacy(trial: StimulationTrial, client: Client) -> None:
    end = {"on": str(today()), "end_reason": EndReason.TECHNICAL_FAILURE.value}

    refused = press(client, trial, Phase.ENDED, **end).content.decode()
    taken = press(client, trial, Phase.ENDED, **end, technical_cause="migration").content.decode()

    assert "what failed, after a technical failure" in refused
    assert "Technical failure: Lead migration. It says nothing about relief" in taken


def test_past_ten_days_the_page_warns_and_an_extension_takes_a_reason(
    trial: StimulationTrial, client: Client
) -> None:
    placed = trial.lead_placed_on
    assert placed is not None
    sent = {"to": str(placed + timedelta(days=11)), "expected": str(trial.planned_end_on)}
    url = f"{TRIALS}{trial.pk}/extend/"

    refused = client.post(url, sent, follow=True).content.decode()
    taken = client.post(url, sent | {"reason": "settings still change"}, follow=True).content.decode()

    trial.refresh_from_db()
    assert "more than 10 days take a reason" in refused
    assert "past 10 days. Why this matters: cumulative infection 24.1 %" in taken
    assert "settings still change" in taken
    assert trial.planned_end_on == placed + timedelta(days=11)


def test_a_trial_that_is_over_offers_a_repeat(trial: StimulationTrial, client: Client) -> None:
    running = page_of(client, trial).content.decode()
    over = {"phase": Phase.DECISION_PENDING.value, "ended_on": today(), "end_reason": "success"}
    StimulationTrial.objects.filter(pk=trial.pk).update(**over)

    page = page_of(client, trial).content.decode()
    link = f"{TRIALS}add/?patient={trial.patient_id}&amp;modality=SCS&amp;repeat_number=2"

    assert "Start a repeat trial" not in running
    assert link in page
    form = client.get(link.replace("&amp;", "&")).context["adminform"].form
    assert (form["repeat_number"].value(), form["rule_set_id"].value()) == ("2", None)
