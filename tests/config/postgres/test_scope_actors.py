"""Who changed a value is named by the connection: a member of staff, a phone, a job, or truly nobody."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from celery.beat import ScheduleEntry
from celery.schedules import schedule as every
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.accounts.keys import issue_key
from apps.accounts.models import Clinic, User
from apps.audit.models import ValueChange
from apps.diary.models import PatientDevice
from apps.diary.pairing import issue_invitation
from apps.jobs import house_task
from apps.row_security import EVERYTHING
from apps.trials.models import StimulationTrial
from config.beat import SelfReliantScheduler
from config.celery import app
from config.middleware import ClinicScopeMiddleware
from config.postgres.scope import NOTHING, ask_as_the_process, ask_for
from tests.factories import make_answer_body, make_device, make_entry_body, make_trial


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


def said(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [setting])
        return str(cursor.fetchone()[0])


def who_changed(table: str) -> list[str]:
    return list(ValueChange.objects.filter(table=table).order_by("id").values_list("actor", flat=True))


def send(path: str, body: dict[str, Any], *, token: str = "", method: str = "PUT") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = json.dumps(body)
    return (
        Client().generic(method, path, content, content_type="application/json", headers=headers).status_code
    )


def warning() -> dict[str, Any]:
    """An answer that raises a task for staff, which is a row whose values are kept."""
    return make_answer_body("red_flags", {"choices": ["fever"]})


def test_each_of_two_phones_on_one_connection_is_named(clinic: Clinic) -> None:
    first, second = (make_device(make_trial(clinic=clinic), at=timezone.now()) for _ in "ab")

    sent = [
        send(f"/api/v1/diary/answers/{uuid4()}", warning(), token=token)
        for _, token in (first, second, first)
    ]

    assert sent == [201, 201, 201]
    assert who_changed("diary_stafftask") == [f"device:{one.pk}" for one, _ in (first, second, first)]


def test_the_look_up_of_the_token_names_the_phone_and_is_still_one_statement(
    trial: StimulationTrial, django_assert_num_queries: Any
) -> None:
    device, token = make_device(trial, at=timezone.now())
    path = f"/api/v1/diary/entries/{uuid4()}"
    assert send(path, make_entry_body(), token=token) == 201

    # The token, and the one statement that stores the answer with its event.
    with django_assert_num_queries(2):
        assert send(f"/api/v1/diary/entries/{uuid4()}", make_entry_body(kind="worst"), token=token) == 201
    assert said("sctrial.actor") == f"device:{device.pk}"


def test_a_phone_that_joins_is_named_and_not_the_one_that_asked_before_it(trial: StimulationTrial) -> None:
    _, token = make_device(trial, at=timezone.now())
    code = issue_invitation(trial, by="staff:1", at=timezone.now()).code
    assert send(f"/api/v1/diary/entries/{uuid4()}", make_entry_body(), token=token) == 201

    assert send("/api/v1/pairing", {"code": code, "label": "new"}, method="POST") == 201

    newest = PatientDevice.objects.latest("pk")
    assert who_changed("diary_patientdevice")[-1] == f"device:{newest.pk}"


def test_wrong_tries_of_a_code_are_nobodys(trial: StimulationTrial) -> None:
    code = issue_invitation(trial, by="staff:1", at=timezone.now()).code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")

    tried = [send("/api/v1/pairing", {"code": wrong, "label": ""}, method="POST") for _ in range(5)]

    assert tried == [400] * 5
    assert who_changed("diary_stafftask") == ["system"]


def test_a_key_acts_for_its_person(clinic: Clinic, analyst: User) -> None:
    token = issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=datetime.now(UTC)).token
    named: list[str] = []

    def answer(request: HttpRequest) -> HttpResponse:
        named.append(said("sctrial.actor"))
        return HttpResponse()

    request = RequestFactory().get("/api/v1/key", headers={"Authorization": f"Bearer {token}"})
    ClinicScopeMiddleware(answer)(request)

    assert named == [f"staff:{analyst.pk}"]


@house_task("tests.rename_goal")
def rename_goal(*, trial_id: str) -> None:
    StimulationTrial.objects.filter(pk=trial_id).update(goal="walk to the bakery")


def test_a_task_is_named_and_what_comes_after_it_is_not_its_doing(trial: StimulationTrial) -> None:
    rename_goal.apply(kwargs={"trial_id": str(trial.pk)}).get()
    connection.show()  # type: ignore[attr-defined]
    StimulationTrial.objects.filter(pk=trial.pk).update(goal="sleep through")

    assert who_changed("trials_stimulationtrial")[-2:] == ["job:tests.rename_goal", "system"]


@pytest.mark.django_db(transaction=True)
def test_the_beat_that_reconciles_by_itself_is_shown_every_clinic() -> None:
    """A reconciler that is shown nothing would find nothing to do, in silence."""
    ask_for(NOTHING)
    entry = ScheduleEntry(name="reconcile", task="outcomes.reconcile", schedule=every(1), app=app)

    SelfReliantScheduler(app=app, lazy=True).apply_async(entry, advance=False)

    assert said("sctrial.clinics") == EVERYTHING
    assert said("sctrial.actor") == "job:outcomes.reconcile"
    ask_as_the_process()
