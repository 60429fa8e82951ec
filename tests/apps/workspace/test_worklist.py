"""The index: counts, lists, rows, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.diary.parking import raise_task
from apps.outcomes.services import assess
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.apps.workspace.busy import make_busy
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import NOW, make_clinic, make_entries, make_patient, make_staff, make_trial

INDEX = "/staff/"
LIST = "/staff/trials/stimulationtrial/"
TASKS = "/staff/diary/stafftask/"
MOST_STATEMENTS = 12


def make_many(clinic: Clinic, *, ready: int, silent: int, reported: int) -> None:
    for _ in range(ready):
        ended = make_trial(
            clinic=clinic, phase=Phase.DECISION_PENDING.value, ended_on=NOW.date(), end_reason="success"
        )
        assess(ended.pk, at=NOW)
    for n in range(silent + reported):
        trial = make_trial(
            clinic=clinic,
            patient=make_patient(clinic=clinic, zone="UTC"),
            diary_from=first_day(),
            lead_placed_on=first_day() + timedelta(days=7),
        )
        if n >= silent:
            make_entries(trial, {str(today()): 5}, captured_at=f"{today()}T00:00:00+00:00")


def count_shown(client: Client, kind: str) -> int:
    page = client.get(INDEX).content.decode()
    found = re.search(rf'kind-{kind}">\s*<a href="([^"]+)"><strong>(\d+)</strong>', page)
    assert found is not None
    assert found[1] == f"{LIST}?work={kind}"
    return int(found[2])


@pytest.mark.parametrize(("kind", "expected"), [("ready", 2), ("silent", 3), ("running", 3 + 4)])
def test_every_count_is_the_length_of_the_list_it_leads_to(
    clinic: Clinic, coordinator: User, as_staff: Visit, kind: str, expected: int
) -> None:
    make_many(clinic, ready=2, silent=3, reported=4)
    client = as_staff(coordinator)

    assert count_shown(client, kind) == expected
    assert client.get(f"{LIST}?work={kind}").context["cl"].result_count == expected


def test_every_row_is_one_click_from_its_trial(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    page = as_staff(coordinator).get(INDEX).content.decode()

    assert f'href="{LIST}{trial.pk}/change/">{trial.patient}</a>' in page


def test_the_percent_of_a_row_comes_from_its_stored_assessment_with_its_threshold(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    page = as_staff(coordinator).get(INDEX).content.decode()

    assert "49.81 %" in page
    assert "asked ≥ 50 %" in page


def test_a_row_whose_record_moved_on_says_since_when_its_verdict_is_old(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=trial.evidence_version + 1)

    assert "verdict not current since" in as_staff(coordinator).get(INDEX).content.decode()


def test_the_list_of_trials_says_it_too(trial: StimulationTrial, coordinator: User, as_staff: Visit) -> None:
    client = as_staff(coordinator)
    assert "not current since" not in client.get(LIST).content.decode()

    StimulationTrial.objects.filter(pk=trial.pk).update(evidence_version=trial.evidence_version + 1)

    assert ", not current since" in client.get(LIST).content.decode()


def test_an_empty_list_says_what_to_do_next(coordinator: User, as_staff: Visit) -> None:
    page = as_staff(coordinator).get(INDEX).content.decode()

    assert "Add a patient, then a trial" in page
    assert "A trial comes here when it has ended" in page


def test_ended_trials_without_a_current_verdict_are_counted_apart(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    make_trial(clinic=clinic, phase=Phase.DECISION_PENDING.value, ended_on=NOW.date(), end_reason="success")
    client = as_staff(coordinator)

    assert count_shown(client, "ready") == 0
    assert f'<a href="{LIST}?work=waiting">1 more ended</a>' in client.get(INDEX).content.decode()
    assert client.get(f"{LIST}?work=waiting").context["cl"].result_count == 1


def test_the_worklist_costs_the_same_with_many_trials_as_with_few(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    client = as_staff(coordinator)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(INDEX).status_code == 200
        return len(captured)

    make_many(clinic, ready=1, silent=1, reported=1)
    make_busy(make_trial(clinic=clinic, diary_from=first_day(), lead_placed_on=first_day()))
    few = statements()
    make_many(clinic, ready=20, silent=20, reported=20)

    assert statements() == few <= MOST_STATEMENTS


@pytest.mark.parametrize("role", list(Role))
def test_a_person_of_three_clinics_costs_no_more_statements_whatever_the_role(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, as_staff: Visit, role: Role
) -> None:
    third = make_clinic()
    StaffMembership.objects.filter(user=coordinator).update(role=role)
    for one in (other_clinic, third):
        StaffMembership.objects.create(user=coordinator, clinic=one, role=role)
        make_many(one, ready=1, silent=16, reported=1)
        make_busy(
            make_trial(clinic=one, diary_from=first_day(), lead_placed_on=first_day(), planned_end_on=today())
        )
    client = as_staff(coordinator)

    with CaptureQueriesContext(connection) as captured:
        assert client.get(INDEX).status_code == 200

    assert len(captured) <= MOST_STATEMENTS
    looks = AuditEvent.objects.filter(action="look", object_type="worklist")
    assert set(looks.values_list("clinic_id", flat=True)) == {clinic.pk, other_clinic.pk, third.pk}


def test_the_list_of_trials_costs_the_same_with_many_trials_as_with_few(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    client = as_staff(coordinator)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    make_many(clinic, ready=2, silent=2, reported=2)
    few = statements()
    make_many(clinic, ready=10, silent=10, reported=10)

    assert statements() == few <= MOST_STATEMENTS


def test_a_silent_patient_can_be_rung_at_once_and_the_look_is_recorded(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    make_many(clinic, ready=0, silent=2, reported=1)
    rung, unknown, _ = Patient.objects.order_by("pk")
    PatientIdentity.objects.create(patient=rung, full_name="Berta Beispiel", phone="01632 960 111")

    page = as_staff(coordinator).get(INDEX).content.decode()

    assert 'Berta Beispiel <a href="tel:01632960111">01632 960 111</a>' in page
    assert f'<a href="/staff/patients/patient/{unknown.pk}/change/">no name or number yet</a>' in page
    looks = AuditEvent.objects.filter(action="look", object_type="patient")
    assert list(looks.values_list("object_id", "clinic_id", "actor")) == [
        (str(rung.pk), clinic.pk, f"staff:{coordinator.pk}")
    ]


def test_who_may_not_see_who_patients_are_is_shown_no_name(clinic: Clinic, as_staff: Visit) -> None:
    make_many(clinic, ready=0, silent=1, reported=0)
    patient = StimulationTrial.objects.get().patient
    PatientIdentity.objects.create(patient=patient, full_name="Berta Beispiel", phone="01632 960 111")

    page = as_staff(make_staff("counts", clinic=clinic, role=Role.ANALYST)).get(INDEX).content.decode()

    assert "Berta" not in page
    assert not AuditEvent.objects.filter(object_type="patient").exists()


def test_a_list_longer_than_a_screen_says_how_many_are_not_shown(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    make_many(clinic, ready=0, silent=17, reported=0)

    page = as_staff(coordinator).get(INDEX).content.decode()

    assert f'<a href="{LIST}?work=silent">All 17</a> (2 more than shown here)' in page


def test_staff_without_a_clinic_are_told_whom_to_ask(
    trial: StimulationTrial, nobody: User, as_staff: Visit
) -> None:
    page = as_staff(nobody).get(INDEX).content.decode()

    assert "You belong to no clinic yet" in page
    assert str(trial.patient) not in page


# --- tasks ---


def test_the_count_of_tasks_is_the_length_of_the_list_it_leads_to(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    make_busy(trial)
    trial.tasks.filter(kind="missed_evenings").update(closed_at=NOW, closed_by="staff:1", outcome="Called.")
    client = as_staff(coordinator)

    tasks = client.get(INDEX).context["tasks"]

    assert (tasks.count, tasks.urgent, tasks.url) == (4, 1, f"{TASKS}?open=1")
    assert client.get(tasks.url).context["cl"].result_count == 4
    assert client.get(f"{TASKS}?open=0").context["cl"].result_count == 1
    assert client.get(TASKS).context["cl"].result_count == 4 + 1


def test_warning_signs_stand_first_with_what_was_named_and_one_click_away(
    trial: StimulationTrial, coordinator: User, as_staff: Visit
) -> None:
    make_busy(trial)
    client = as_staff(coordinator)

    response = client.get(INDEX)

    first = response.context["tasks"].rows[0]
    assert (first.task.kind, first.named) == ("red_flag", "fever, wound, by the patient")
    assert first.since.endswith("(Europe/Berlin)")
    page = response.content.decode()
    table = page[page.index('id="work-tasks"') :]
    assert f'href="{LIST}{trial.pk}/change/">{trial.patient}</a>' in table
    assert next(iter(client.get(f"{TASKS}?open=1").context["cl"].result_list)).kind == "red_flag"


def test_more_tasks_than_a_screen_are_counted_and_linked(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    trial = make_trial(clinic=clinic)
    for n in range(17):
        raise_task(trial.pk, kind="pairing_locked", subject=n, at=NOW)

    page = as_staff(coordinator).get(INDEX).content.decode()

    assert f'<a href="{TASKS}?open=1">All 17</a> (2 more than shown here)' in page


def test_where_no_task_is_open_the_list_says_when_one_comes(coordinator: User, as_staff: Visit) -> None:
    assert "No task is open. One comes when" in as_staff(coordinator).get(INDEX).content.decode()


def test_tasks_of_another_clinic_and_for_an_analyst_do_not_exist(
    trial: StimulationTrial, stranger: User, analyst: User, as_staff: Visit
) -> None:
    make_busy(trial)

    assert as_staff(stranger).get(INDEX).context["tasks"].count == 0
    assert as_staff(analyst).get(INDEX).context["tasks"] is None
    assert as_staff(analyst).get(TASKS).status_code == 403
