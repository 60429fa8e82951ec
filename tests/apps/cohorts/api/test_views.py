"""Snapshots over HTTP as a program meets them: made, listed, fetched with a key, fetched by a link."""

import io
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from django.test import Client

from apps.accounts.keys import issue_key, revoke_key
from apps.accounts.models import ApiKey, Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import Snapshot
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from sctrial.deidentify_tables import Form
from tests.apps.cohorts.test_services import asker, make_cohort

pytestmark = pytest.mark.django_db
PLACE = "/api/v1/cohorts/snapshots"
NOW = datetime.now(UTC)
ALL = ("snapshots.read", "snapshots.make")


def key_for(user: User, *scopes: str) -> tuple[ApiKey, dict[str, str]]:
    made = issue_key(user, name="R", scopes=scopes or ALL, days=7, at=NOW)
    return made.row, {"Authorization": f"Bearer {made.token}"}


@pytest.fixture
def headers(analyst: User) -> dict[str, str]:
    return key_for(analyst)[1]


def post(client: Client, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    make_cohort(clinic)
    return make_snapshot(CohortQuestion(), asker=asker(clinic))


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_snapshot_is_made_once_and_the_same_question_gives_it_again(
    client: Client, clinic: Clinic, headers: dict[str, str]
) -> None:
    make_cohort(clinic)

    first, again = (post(client, PLACE, {"question": ""}, headers) for _ in range(2))
    listed = client.get(PLACE, headers=headers).json()

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert [row["id"] for row in listed["results"]] == [first.json()["id"]]
    assert AuditEvent.objects.filter(action="snapshot", object_id=first.json()["id"]).count() == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"question": "modality=XYZ"}, 400, "bad_question"),
        ({"question": "nonsense=1"}, 400, "bad_question"),
        ({"question": "clinic=999999"}, 400, "bad_question"),
        ({"question": 7}, 400, "not_text"),
        ({"form": "identified"}, 400, "unknown_value"),
        ({"reason": "I want names"}, 400, "unknown_field"),
        ({"question": "modality=DRG"}, 409, "no_snapshot"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_kept(
    client: Client, clinic: Clinic, headers: dict[str, str], body: dict[str, Any], status: int, code: str
) -> None:
    make_cohort(clinic)

    answer = post(client, PLACE, body, headers)

    codes = {answer.json()["code"], *(error["code"] for error in answer.json()["errors"])}
    assert answer.status_code == status
    assert code in codes
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("snapshots.make", "get", PLACE, 403),
        ("snapshots.read", "post", PLACE, 403),
        ("snapshots.make", "get", f"{PLACE}/x", 403),
        ("snapshots.make", "post", f"{PLACE}/x/links", 403),
        ("snapshots.read", "get", PLACE, 200),
    ],
)
def test_a_key_does_what_its_scopes_say_and_no_more(
    client: Client, analyst: User, scope: str, method: str, path: str, status: int
) -> None:
    _, headers = key_for(analyst, scope)

    answer = client.generic(method.upper(), path, "{}", content_type="application/json", headers=headers)

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "scope_missing"


def test_the_files_are_those_of_the_manifest(
    client: Client, snapshot: Snapshot, headers: dict[str, str]
) -> None:
    detail = client.get(f"{PLACE}/{snapshot.pk}", headers=headers).json()
    csv = body_of(client.get(f"{PLACE}/{snapshot.pk}/daily.csv", headers=headers))
    parquet = body_of(client.get(f"{PLACE}/{snapshot.pk}/daily.parquet", headers=headers))

    rows = {table["name"]: table["rows"] for table in detail["tables"]}
    by_csv, by_parquet = pd.read_csv(io.BytesIO(csv)), pd.read_parquet(io.BytesIO(parquet))
    assert len(by_csv) == len(by_parquet) == rows["daily"] > 0
    assert by_csv["value"].mean() == pytest.approx(by_parquet["value"].mean())


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("adqs.csv", b'"STUDYID",'),
        ("qs.parquet", b"PAR1"),
        ("all.xlsx", b"PK"),
        ("all.sqlite", b"SQLite format 3"),
    ],
)
def test_whatever_the_page_of_the_snapshot_offers_a_key_fetches_too(
    client: Client, snapshot: Snapshot, headers: dict[str, str], file: str, begins: bytes
) -> None:
    name, _, ending = file.partition(".")
    detail = client.get(f"{PLACE}/{snapshot.pk}", headers=headers).json()

    assert (name in detail["cdisc_style"], ending in detail["formats"]) == (name != "all", name != "all")
    assert (ending in detail["formats_of_all"]) == (name == "all")
    assert body_of(client.get(f"{PLACE}/{snapshot.pk}/{file}", headers=headers)).startswith(begins)


@pytest.mark.parametrize("file", ["all.csv", "daily.xlsx", "adqs.sqlite", "adae.csv"])
def test_a_format_that_is_not_of_it_is_no_file(
    client: Client, snapshot: Snapshot, headers: dict[str, str], file: str
) -> None:
    assert client.get(f"{PLACE}/{snapshot.pk}/{file}", headers=headers).status_code == 404


def test_every_file_that_leaves_is_in_the_trail_with_the_key(
    client: Client, snapshot: Snapshot, analyst: User
) -> None:
    key, headers = key_for(analyst)

    client.get(f"{PLACE}/{snapshot.pk}/daily.csv", headers=headers)

    event = AuditEvent.objects.get(action="download")
    assert (event.actor, event.object_id) == (f"staff:{analyst.pk}", snapshot.pk)
    assert event.detail["via"] == f"key {key.prefix}"
    assert (event.detail["table"], event.detail["format"]) == ("daily", "csv")


@pytest.mark.parametrize(
    "end", ["", "/daily.csv", "/daily.parquet", "/nothing.csv", "/daily.exe", "%00", "/daily.%00"]
)
def test_what_is_another_clinics_or_nothing_answers_the_same(
    client: Client, snapshot: Snapshot, stranger: User, end: str
) -> None:
    _, headers = key_for(stranger)

    answer = client.get(f"{PLACE}/{snapshot.pk}{end}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not AuditEvent.objects.filter(action="download").exists()


def test_an_identified_snapshot_is_not_for_keys(client: Client, clinic: Clinic, clinician: User) -> None:
    make_cohort(clinic)
    asking = asker(clinic, role=Role.CLINICIAN)
    made = make_snapshot(CohortQuestion(), asker=asking, form=Form.IDENTIFIED, reason="own patients")
    _, headers = key_for(clinician)

    assert client.get(PLACE, headers=headers).json()["results"] == []
    assert client.get(f"{PLACE}/{made.pk}/daily.csv", headers=headers).status_code == 404


class TestLinks:
    @pytest.fixture
    def key(self, analyst: User) -> tuple[ApiKey, dict[str, str]]:
        return key_for(analyst)

    def link(self, client: Client, snapshot: Snapshot, headers: dict[str, str], **body: Any) -> str:
        answer = post(client, f"{PLACE}/{snapshot.pk}/links", {"table": "daily"} | body, headers)
        assert answer.status_code == 201
        url: str = answer.json()["url"]
        return "/api/" + url.split("/api/", 1)[1]

    @pytest.mark.parametrize("accept", ["*/*", "text/csv", "text/html"])
    def test_it_opens_its_file_without_a_header(
        self, client: Client, snapshot: Snapshot, key: tuple[ApiKey, dict[str, str]], accept: str
    ) -> None:
        url = self.link(client, snapshot, key[1])

        frame = pd.read_parquet(io.BytesIO(body_of(client.get(url, headers={"Accept": accept}))))

        assert len(frame) == snapshot.manifest["tables"]["daily"]["rows"]
        event = AuditEvent.objects.get(action="download")
        assert event.detail["via"] == f"link of key {key[0].prefix}"

    def test_it_opens_a_workbook_too(
        self, client: Client, snapshot: Snapshot, key: tuple[ApiKey, dict[str, str]]
    ) -> None:
        body = {"table": "all", "format": "xlsx"}
        url = post(client, f"{PLACE}/{snapshot.pk}/links", body, key[1]).json()["url"]

        assert set(pd.read_excel(io.BytesIO(body_of(client.get(url))), sheet_name=None)) >= {
            "daily",
            "dictionary",
        }

    def test_it_dies_with_its_key(
        self, client: Client, snapshot: Snapshot, key: tuple[ApiKey, dict[str, str]], analyst: User
    ) -> None:
        url = self.link(client, snapshot, key[1])
        revoke_key(key[0], by=analyst, at=NOW)

        answer = client.get(url)

        assert (answer.status_code, answer.json()["code"]) == (410, "link_expired")

    def test_it_dies_with_the_persons_right(
        self, client: Client, snapshot: Snapshot, key: tuple[ApiKey, dict[str, str]], analyst: User
    ) -> None:
        url = self.link(client, snapshot, key[1])
        StaffMembership.objects.filter(user=analyst).delete()

        assert client.get(url).status_code == 404

    @pytest.mark.parametrize("place", [0, 10, -1])
    def test_a_letter_changed_opens_nothing(
        self, client: Client, snapshot: Snapshot, key: tuple[ApiKey, dict[str, str]], place: int
    ) -> None:
        start, sealed = self.link(client, snapshot, key[1]).rsplit("/", 1)
        other = "A" if sealed[place] != "A" else "B"
        letters = list(sealed)
        letters[place] = other

        assert client.get(f"{start}/{''.join(letters)}").status_code == 404

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "required"),
            ({"table": "daily", "minutes": 0}, "out_of_range"),
            ({"table": "daily", "minutes": 24 * 60 + 1}, "out_of_range"),
            ({"table": "patients"}, "unknown_value"),
            ({"table": "daily", "format": "exe"}, "unknown_value"),
            ({"table": "daily", "format": "xlsx"}, "no_such_file"),
            ({"table": "all"}, "no_such_file"),
        ],
    )
    def test_what_is_wrong_is_named(
        self,
        client: Client,
        snapshot: Snapshot,
        key: tuple[ApiKey, dict[str, str]],
        body: dict[str, Any],
        code: str,
    ) -> None:
        answer = post(client, f"{PLACE}/{snapshot.pk}/links", body, key[1])

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == code
