"""Two people have one page open: who saves second is told what the first wrote, and loses nothing typed."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.drawn import NAME, Shown, changed_since, stamp_of
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import Lead, PermanentImplant, StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.conftest import Visit, as_staff, trial
from tests.apps.workspace.test_trial_page import fields_of, url_of
from tests.factories import make_lead, make_patient, make_trial

__all__ = ["as_staff", "trial"]
pytestmark = pytest.mark.django_db
WHY = {"why_code": "moved_on", "why": "the patient wants more"}
AT = datetime(2026, 10, 9, 12, tzinfo=UTC)


@pytest.fixture
def first(coordinator: User, as_staff: Visit) -> Client:
    coordinator.first_name = "Carla"
    coordinator.save()
    return as_staff(coordinator)


@pytest.fixture
def second(clinician: User, as_staff: Visit) -> Client:
    return as_staff(clinician)


def told(response: Any) -> list[tuple[str, str, str]]:
    return [(line.what, line.old, line.new) for line in response.context["meanwhile"]]


def test_of_two_who_change_one_field_the_second_is_told_and_may_then_go_on(
    trial: StimulationTrial, first: Client, second: Client
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(goal="walk")
    drawn = fields_of(second, url_of(trial))
    first.post(url_of(trial), fields_of(first, url_of(trial)) | WHY | {"goal": "walk to the lake"})

    refused = second.post(url_of(trial), drawn | WHY | {"goal": "dance"})

    trial.refresh_from_db()
    page = unescape(refused.content.decode())
    assert (refused.status_code, trial.goal) == (409, "walk to the lake")
    assert told(refused) == [("Stimulation trial, goal", "walk", "walk to the lake")]
    assert "Carla" in refused.context["meanwhile_by"]
    assert 'value="dance"' in page
    again = drawn | WHY | {"goal": "dance", NAME: refused.context[NAME]}
    assert second.post(url_of(trial), again).status_code == 302
    trial.refresh_from_db()
    assert trial.goal == "dance"


def test_an_old_page_does_not_put_back_what_somebody_else_corrected_in_another_field(
    trial: StimulationTrial, first: Client, second: Client
) -> None:
    """The form sends all fields: without the check the second save would undo the first."""
    lead = make_lead(trial, level="T8")
    drawn = fields_of(second, url_of(trial))
    Lead.objects.filter(pk=lead.pk).update(level="T9")

    refused = second.post(url_of(trial), drawn | WHY | {"goal": "dance"})

    lead.refresh_from_db()
    assert (refused.status_code, lead.level) == (409, "T9")
    assert told(refused) == [("Lead, level", "T8", "T9")]


def test_an_answer_or_a_new_row_that_came_meanwhile_stops_nobody(
    trial: StimulationTrial, second: Client
) -> None:
    drawn = fields_of(second, url_of(trial))
    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=99)
    make_lead(trial)

    assert second.post(url_of(trial), drawn | {"goal": "dance"}).status_code == 302


def test_a_page_that_does_not_say_what_it_was_drawn_from_writes_nothing(
    trial: StimulationTrial, second: Client
) -> None:
    drawn = fields_of(second, url_of(trial)) | {"goal": "dance"}

    for said in ("", "yesterday", "2026-10-09", "x=y z", "9" * 40):
        assert second.post(url_of(trial), drawn | {NAME: said}).status_code == 409
    trial.refresh_from_db()
    assert trial.goal != "dance"


def test_a_trial_that_ended_meanwhile_is_looked_at_again(trial: StimulationTrial, second: Client) -> None:
    drawn = fields_of(second, url_of(trial))
    over = {"phase": Phase.DECISION_PENDING.value, "ended_on": trial.planned_end_on, "end_reason": "success"}
    StimulationTrial.objects.filter(pk=trial.pk).update(**over)

    assert second.post(url_of(trial), drawn | {"goal": "dance"}).status_code == 409


def test_the_same_holds_for_an_implant_and_for_who_a_patient_is(
    clinic: Clinic, first: Client, second: Client
) -> None:
    trial = make_trial(clinic=clinic, phase=Phase.DECIDED.value)
    implant = PermanentImplant.objects.create(trial=trial, implanted_on=trial.diary_from)
    PatientIdentity.objects.create(patient=trial.patient, full_name="Ada Demo")
    pages: list[tuple[str, Any, dict[str, str]]] = [
        (f"/staff/trials/permanentimplant/{implant.pk}/change/", implant, {"generator": "Demo 2"}),
        (f"/staff/patients/patient/{trial.patient.pk}/change/", trial.patient, {"language": "es"}),
    ]
    for url, _, change in pages:
        drawn = fields_of(second, url)
        assert first.post(url, fields_of(first, url) | change).status_code == 302
        assert second.post(url, drawn).status_code == 409
        assert second.post(url, fields_of(second, url)).status_code == 302


def test_a_changed_name_is_told_without_the_name_it_was(clinic: Clinic) -> None:
    """The trail holds a digest of it."""
    patient: Patient = make_patient(clinic=clinic)
    row = PatientIdentity.objects.create(patient=patient, full_name="Ada Demo")
    stamp = stamp_of([Shown(row, ["full_name"])], at=datetime.now(UTC) - timedelta(seconds=5))
    row.full_name = "Ada Sample"
    row.save()

    found = changed_since(stamp, rows=[Shown(row, ["full_name"])], at=AT)

    assert found is not None
    assert [(line.old, line.new) for line in found.lines] == [("not shown", "Ada Sample")]
