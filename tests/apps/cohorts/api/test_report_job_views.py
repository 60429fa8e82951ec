"""Reports made in the background as a program meets them: asked for, watched, fetched, cancelled."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import ReportJob
from apps.cohorts.tasks import run_report
from tests.apps.cohorts.api.test_views import key_for, post
from tests.apps.cohorts.test_services import make_cohort

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/cohorts/reports"
SCOPE = "reports.read"


@pytest.fixture
def headers(analyst: User, clinic: Clinic) -> dict[str, str]:
    make_cohort(clinic)
    return key_for(analyst, SCOPE)[1]


def ask(client: Client, headers: dict[str, str], **body: Any) -> Any:
    return post(client, PLACE, body, headers)


def test_a_report_is_asked_for_watched_and_fetched(
    client: Client, clinic: Clinic, headers: dict[str, str]
) -> None:
    asked = ask(client, headers, question="modality=SCS")
    job = asked.json()
    assert (asked.status_code, job["state"], job["files"]) == (202, "queued", [])
    assert asked["Location"].endswith(f"{PLACE}/{job['id']}")
    assert ask(client, headers, question="modality=SCS").json()["id"] == job["id"]

    run_report(job_id=job["id"])
    done = client.get(f"{PLACE}/{job['id']}", headers=headers).json()

    assert (done["state"], [file["kind"] for file in done["files"]]) == ("done", ["pdf", "json"])
    found = {
        kind: client.get(f"{PLACE}/{job['id']}/file.{kind}", headers=headers) for kind in ("pdf", "json")
    }
    assert found["pdf"].content.startswith(b"%PDF")
    told = json.loads(found["json"].content)
    assert (told["shared"], told["made_at"]) == (True, done["made_at"])
    event = AuditEvent.objects.filter(action="download", clinic_id=clinic.pk).latest("pk")
    assert (event.detail["file"], event.detail["via"].startswith("key ")) == ("json", True)


def test_ones_own_are_listed_the_newest_first(
    client: Client, headers: dict[str, str], clinician: User
) -> None:
    assert client.get(PLACE, headers=headers).json() == {"results": [], "next": None}
    made = [ask(client, headers, audience=audience).json()["id"] for audience in ("shared", "clinic")]
    ask(client, key_for(clinician, SCOPE)[1])

    found = client.get(PLACE, headers=headers).json()["results"]

    assert [row["id"] for row in found] == made[::-1]


def test_cancelled_it_goes_no_further_and_has_no_file(client: Client, headers: dict[str, str]) -> None:
    job = ask(client, headers).json()["id"]

    answer = post(client, f"{PLACE}/{job}/cancel", {}, headers)
    run_report(job_id=job)
    file = client.get(f"{PLACE}/{job}/file.pdf", headers=headers)

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (file.status_code, file.json()["code"]) == (409, "not_there")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"question": "colour=red"}, "/question", "bad_question"),
        ({"question": "clinic=999999"}, "/question", "bad_question"),
        ({"audience": "all"}, "/audience", "unknown_value"),
        ({"form": "shifted"}, "/form", "unknown_field"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field(
    client: Client, headers: dict[str, str], body: dict[str, Any], field: str, code: str
) -> None:
    answer = ask(client, headers, **body)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (400, field, code)
    assert not ReportJob.objects.exists()


def test_too_many_at_once_are_refused_with_what_helps(client: Client, headers: dict[str, str]) -> None:
    answers = [ask(client, headers, question=f"diagnosis=M{n:02}") for n in range(21)]

    assert [answer.status_code for answer in answers] == [202] * 20 + [409]
    assert answers[-1].json()["code"] == "no_report"


@pytest.mark.parametrize("end", ["", "/file.pdf", "/file.docx", "/cancel"])
@pytest.mark.parametrize("whose", ["another's", "nobody's", "not an id"])
def test_what_is_not_ones_own_answers_the_same(
    client: Client, headers: dict[str, str], clinician: User, end: str, whose: str
) -> None:
    job = ask(client, key_for(clinician, SCOPE)[1]).json()["id"]
    asked = {"another's": job, "nobody's": "00000000-0000-4000-8000-000000000000", "not an id": "%00"}[whose]

    method = "POST" if end == "/cancel" else "GET"
    answer = client.generic(method, f"{PLACE}/{asked}{end}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_scope_and_the_persons_right_are_both_needed(
    client: Client, clinic: Clinic, analyst: User, coordinator: User
) -> None:
    of_others = client.get(PLACE, headers=key_for(analyst, "snapshots.read")[1])
    of_a_coordinator = client.get(PLACE, headers=key_for(coordinator, SCOPE)[1])

    assert (of_others.status_code, of_others.json()["code"]) == (403, "scope_missing")
    assert (of_a_coordinator.status_code, of_a_coordinator.json()["code"]) == (403, "permission_denied")
