"""Files made in the background as a program meets them: asked for, watched, fetched, cancelled."""

import hashlib
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import Snapshot
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from apps.cohorts.tasks import run_export
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.api.test_views import PLACE, body_of, key_for, post
from tests.apps.cohorts.test_exporting import NOW
from tests.apps.cohorts.test_services import asker, make_cohort

pytestmark = pytest.mark.django_db
EXPORTS = "/api/v1/cohorts/exports"


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    make_cohort(clinic)
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


@pytest.fixture
def headers(analyst: User) -> dict[str, str]:
    return key_for(analyst)[1]


def ask(client: Client, snapshot: Snapshot, headers: dict[str, str], **body: Any) -> Any:
    return post(client, f"{PLACE}/{snapshot.pk}/exports", {"table": "daily"} | body, headers)


def path_of(answer: Any) -> str:
    return str(answer["Location"]).partition("/api/")[1] + str(answer["Location"]).partition("/api/")[2]


def test_a_file_is_asked_for_watched_and_fetched(
    client: Client, snapshot: Snapshot, headers: dict[str, str]
) -> None:
    asked = ask(client, snapshot, headers)
    job = asked.json()
    assert (asked.status_code, job["state"], job["rows_done"], job["url"]) == (202, "queued", 0, None)
    assert job["rows_known"] == snapshot.manifest["tables"]["daily"]["rows"]

    run_export(job_id=job["id"])
    done = client.get(path_of(asked), headers=headers).json()
    file = body_of(client.get(f"{EXPORTS}/{job['id']}/file", headers=headers))

    assert (done["state"], done["rows_done"]) == ("done", job["rows_known"])
    assert done["url"].endswith(f"{EXPORTS}/{job['id']}/file")
    assert (len(file), hashlib.sha256(file).hexdigest()) == (done["size"], done["sha256"])
    assert done["sha256"] == snapshot.manifest["tables"]["daily"]["sha256"]
    direct = body_of(client.get(f"{PLACE}/{snapshot.pk}/daily.csv", headers=headers))
    assert file == direct


def test_asked_again_it_is_the_same_file(client: Client, snapshot: Snapshot, headers: dict[str, str]) -> None:
    first, second = (ask(client, snapshot, headers) for _ in range(2))
    run_export(job_id=first.json()["id"])
    third = ask(client, snapshot, headers)

    assert [answer.status_code for answer in (first, second, third)] == [202, 202, 200]
    assert {answer.json()["id"] for answer in (first, second, third)} == {first.json()["id"]}
    assert AuditEvent.objects.filter(action="export_asked").count() == 1


def test_ones_own_files_are_listed_the_newest_first(
    client: Client, snapshot: Snapshot, headers: dict[str, str], clinician: User
) -> None:
    assert client.get(EXPORTS, headers=headers).json() == {"results": [], "next": None}
    made = [ask(client, snapshot, headers, format=kind).json()["id"] for kind in ("csv", "parquet", "dta")]
    ask(client, snapshot, key_for(clinician)[1])

    first = client.get(EXPORTS, {"limit": 2}, headers=headers).json()
    second = client.get(first["next"], headers=headers).json()

    found = [row["id"] for page in (first, second) for row in page["results"]]
    assert (found, second["next"]) == (made[::-1], None)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"table": "nothing"}, "/table", "unknown_value"),
        ({"format": "exe"}, "/format", "unknown_value"),
        ({"format": "xlsx"}, "/format", "no_such_file"),
        ({"table": "all", "format": "csv"}, "/format", "no_such_file"),
        ({"mail": "yes"}, "/mail", None),
        ({"reason": "names"}, "/reason", "unknown_field"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field(
    client: Client,
    snapshot: Snapshot,
    headers: dict[str, str],
    body: dict[str, Any],
    field: str,
    code: str | None,
) -> None:
    answer = ask(client, snapshot, headers, **body)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (400, field)
    assert code in (None, error["code"])
    assert not ExportJob.objects.exists()


def test_cancelled_it_goes_no_further_and_has_no_file(
    client: Client, snapshot: Snapshot, headers: dict[str, str]
) -> None:
    job = ask(client, snapshot, headers).json()["id"]

    answer = post(client, f"{EXPORTS}/{job}/cancel", {}, headers)
    run_export(job_id=job)
    file = client.get(f"{EXPORTS}/{job}/file", headers=headers)

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (file.status_code, file.json()["code"]) == (409, "not_there")


def test_too_many_at_once_are_refused_with_what_helps(
    client: Client, snapshot: Snapshot, analyst: User, headers: dict[str, str]
) -> None:
    ExportJob.objects.bulk_create(
        ExportJob(snapshot=snapshot, table="t", kind=str(n), person=analyst, asked_at=NOW) for n in range(20)
    )

    answer = ask(client, snapshot, headers)

    assert (answer.status_code, answer.json()["code"]) == (409, "no_export")
    assert "Wait for one, or cancel one" in answer.json()["title"]


@pytest.mark.parametrize("end", ["", "/file", "/cancel"])
@pytest.mark.parametrize("whose", ["another's", "nobody's", "not an id"])
def test_what_is_not_ones_own_answers_the_same(
    client: Client, snapshot: Snapshot, analyst: User, clinician: User, end: str, whose: str
) -> None:
    job = ask(client, snapshot, key_for(clinician)[1]).json()["id"]
    asked = {"another's": job, "nobody's": "00000000-0000-4000-8000-000000000000", "not an id": "%00"}[whose]
    method = "POST" if end == "/cancel" else "GET"

    answer = client.generic(method, f"{EXPORTS}/{asked}{end}", headers=key_for(analyst)[1])

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_identified_file_is_not_for_keys(client: Client, clinic: Clinic, clinician: User) -> None:
    make_cohort(clinic)
    snapshot = make_snapshot(
        CohortQuestion(), asker=asker(clinic, role=Role.CLINICIAN), form=Form.IDENTIFIED, reason="audit"
    )
    headers = key_for(clinician)[1]
    own = ExportJob.objects.create(
        snapshot=snapshot, table="daily", kind="csv", person=clinician, asked_at=NOW
    )

    assert ask(client, snapshot, headers).status_code == 404
    assert client.get(f"{EXPORTS}/{own.pk}", headers=headers).status_code == 404
    assert client.get(EXPORTS, headers=headers).json()["results"] == []
