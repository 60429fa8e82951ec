"""Schedules as a program meets them: set up, listed, paused, gone on with, ended; its person's alone."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts import scheduling
from apps.cohorts.models import ReportSchedule
from tests.apps.cohorts.api.test_views import key_for, post
from tests.apps.cohorts.test_services import make_cohort

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/cohorts/schedules"
SCOPE = "schedules.make"


@pytest.fixture
def headers(analyst: User) -> dict[str, str]:
    return key_for(analyst, SCOPE)[1]


def set_up(client: Client, clinic: Clinic, headers: dict[str, str], **more: Any) -> Any:
    body = {"every": "week", "day": 1, "hour": 6, "clinic": clinic.pk} | more
    return post(client, PLACE, body, headers)


def test_one_is_set_up_and_the_same_again_is_the_one_that_stands(
    client: Client, clinic: Clinic, headers: dict[str, str]
) -> None:
    first, again = (set_up(client, clinic, headers, question="modality=SCS") for _ in range(2))

    made = first.json()
    assert (first.status_code, again.status_code, again.json()) == (201, 200, made)
    asked = {name: made[name] for name in ("makes", "form", "audience", "question", "state", "last")}
    assert asked == {
        "makes": "snapshot",
        "form": "study_days",
        "audience": None,
        "question": f"modality=SCS&clinic={clinic.pk}",
        "state": "active",
        "last": None,
    }
    assert client.get(f"{PLACE}/{made['id']}", headers=headers).json() == made
    assert client.get(PLACE, headers=headers).json() == {"results": [made], "next": None}
    assert AuditEvent.objects.filter(action="schedule_made", clinic_id=clinic.pk).count() == 1


def test_what_came_of_the_last_slot_is_told(client: Client, clinic: Clinic, headers: dict[str, str]) -> None:
    make_cohort(clinic)
    made = set_up(client, clinic, headers, makes="report", audience="clinic").json()
    schedule = ReportSchedule.objects.get()

    job = scheduling.run_due(schedule.pk, at=schedule.next_at)

    last = client.get(f"{PLACE}/{made['id']}", headers=headers).json()["last"]
    due = schedule.next_at.isoformat()
    assert last == {"due_at": due, "snapshot": None, "report": str(job), "error": ""}


def test_it_is_paused_gone_on_with_and_ended(client: Client, clinic: Clinic, headers: dict[str, str]) -> None:
    place = f"{PLACE}/{set_up(client, clinic, headers).json()['id']}"
    states = []
    for act in ("pause", "pause", "resume", "resume"):
        answer = post(client, f"{place}/{act}", {}, headers).json()
        states.append((answer["state"], answer["next_at"] is None))

    assert states == [("paused", True), ("paused", True), ("active", False), ("active", False)]
    assert [client.delete(place, headers=headers).status_code for _ in range(2)] == [204, 404]
    assert client.get(PLACE, headers=headers).json()["results"] == []
    assert ReportSchedule.objects.get().state == "deleted"


def test_one_that_stopped_by_itself_says_why_and_stays_so(
    client: Client, clinic: Clinic, headers: dict[str, str]
) -> None:
    place = f"{PLACE}/{set_up(client, clinic, headers).json()['id']}"
    ReportSchedule.objects.update(state="stopped", stopped_because="No right any more.")

    answer = post(client, f"{place}/resume", {}, headers).json()

    assert (answer["state"], answer["stopped_because"]) == ("stopped", "No right any more.")


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"every": "year"}, "/every", "unknown_value"),
        ({"day": 0}, "/day", "out_of_range"),
        ({"day": 8}, "/day", "out_of_range"),
        ({"every": "month", "day": 32}, "/day", "out_of_range"),
        ({"hour": 24}, "/hour", "out_of_range"),
        ({"hour": "six"}, "/hour", "not_an_integer"),
        ({"form": "identified"}, "/form", "unknown_value"),
        ({"makes": "report", "form": "shifted"}, "/form", "not_of_this"),
        ({"audience": "shared"}, "/audience", "not_of_this"),
        ({"makes": "report", "audience": "all"}, "/audience", "unknown_value"),
        ({"question": "colour=red"}, "/question", "bad_question"),
        ({"zone": "UTC"}, "/zone", "unknown_field"),
    ],
)
def test_what_cannot_be_set_up_is_refused_with_the_field(
    client: Client, clinic: Clinic, headers: dict[str, str], more: dict[str, Any], pointer: str, code: str
) -> None:
    answer = set_up(client, clinic, headers, **more)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (400, pointer, code)
    assert not ReportSchedule.objects.exists()


def test_the_clock_of_a_foreign_clinic_is_refused_with_what_helps(
    client: Client, clinic: Clinic, other_clinic: Clinic, headers: dict[str, str]
) -> None:
    answer = set_up(client, other_clinic, headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_schedule")
    assert "choose the clock of a clinic" in answer.json()["title"]


@pytest.mark.parametrize(
    ("method", "end"), [("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume")]
)
@pytest.mark.parametrize("whose", ["another's", "nobody's", "not a number"])
def test_what_is_not_ones_own_answers_the_same(
    client: Client,
    clinic: Clinic,
    headers: dict[str, str],
    clinician: User,
    method: str,
    end: str,
    whose: str,
) -> None:
    made = set_up(client, clinic, key_for(clinician, SCOPE)[1]).json()["id"]
    asked = {"another's": made, "nobody's": 9_999_999, "not a number": "%00"}[whose]

    answer = client.generic(method, f"{PLACE}/{asked}{end}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_scope_and_the_persons_right_are_both_needed(
    client: Client, clinic: Clinic, analyst: User, coordinator: User
) -> None:
    of_others = client.get(PLACE, headers=key_for(analyst, "snapshots.read", "reports.read")[1])
    of_a_coordinator = client.get(PLACE, headers=key_for(coordinator, SCOPE)[1])

    assert (of_others.status_code, of_others.json()["code"]) == (403, "scope_missing")
    assert (of_a_coordinator.status_code, of_a_coordinator.json()["code"]) == (403, "permission_denied")
