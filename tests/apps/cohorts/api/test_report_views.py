"""The cohort report as a program asks for it: the page's own JSON, by the rights of the key."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.keys import issue_key
from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from tests.factories.cohort_stories import make_stories

PLACE = "/api/v1/cohorts/report"


def headers_for(user: User, scope: str = "reports.read") -> dict[str, str]:
    made = issue_key(user, name="R", scopes=[scope], days=7, at=datetime.now(UTC))
    return {"Authorization": f"Bearer {made.token}"}


def without_instant(content: bytes) -> dict[str, object]:
    return {name: value for name, value in json.loads(content).items() if name != "made_at"}


@pytest.mark.parametrize("audience", ["shared", "clinic"])
def test_it_is_the_json_of_the_page_and_stands_in_the_trail(
    client: Client, clinic: Clinic, analyst: User, audience: str
) -> None:
    make_stories(clinic)
    answer = client.get(PLACE, {"modality": "SCS", "audience": audience}, headers=headers_for(analyst))
    client.force_login(analyst)
    page = client.get(reverse("cohorts:report_file", args=[audience, "json"]), {"modality": "SCS"})

    assert without_instant(answer.content) == without_instant(page.content)
    first, second = AuditEvent.objects.filter(object_type="cohort_report").order_by("id")
    assert first.detail["question"] == second.detail["question"] == "modality=SCS"
    assert (first.actor, first.detail["shared"]) == (f"staff:{analyst.pk}", audience == "shared")
    assert first.detail["via"].startswith("key ")


def test_what_is_left_out_is_the_shared_one(client: Client, clinic: Clinic, analyst: User) -> None:
    make_stories(clinic)
    made = client.get(PLACE, headers=headers_for(analyst)).json()

    assert made["shared"] is True
    assert {figure["n"] for figure in made["figures"]} <= {5, 10, "under 5"}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"modality": "XYZ"}, 400, "bad_question"),
        ({"nonsense": "1"}, 400, "bad_question"),
        ({"clinic": "999999"}, 400, "bad_question"),
        ({"audience": "everybody"}, 400, "unknown_value"),
        ({"audience": ["shared", "clinic"]}, 400, "unknown_value"),
        ({"modality": "DRG"}, 409, "too_few_to_share"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_name(
    client: Client, analyst: User, asked: dict[str, str], status: int, code: str
) -> None:
    answer = client.get(PLACE, asked, headers=headers_for(analyst))

    problem = answer.json()
    assert answer.status_code == status
    assert code in {problem["code"], *(error["code"] for error in problem["errors"])}
    assert not AuditEvent.objects.filter(object_type="cohort_report").exists()


def test_a_key_for_snapshots_alone_reads_no_report(client: Client, analyst: User) -> None:
    answer = client.get(PLACE, headers=headers_for(analyst, "snapshots.read"))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_the_key_of_a_coordinator_reads_no_report(client: Client, coordinator: User) -> None:
    answer = client.get(PLACE, headers=headers_for(coordinator))
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
