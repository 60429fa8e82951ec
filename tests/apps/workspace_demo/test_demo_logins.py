"""`manage.py demo_logins`: every printed login works, and so do the printed code and the printed call."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.accounts.models import Role, StaffMembership
from apps.diary.models import PairingCode
from apps.workspace.demo.cast import logins
from tests.apps.workspace_demo.conftest import kept_for_many

pytestmark = pytest.mark.django_db


def code_in(text: str) -> str:
    found = re.search(r"code ([A-Z0-9]{4}-[A-Z0-9]{4})\b", text)
    assert found is not None
    return found[1]


@pytest.fixture(scope="class")
def printed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Of a demo that stands for a class."""
    with kept_for_many(django_db_blocker):
        call_command("load_demo", stdout=StringIO())
        out = StringIO()
        call_command("demo_logins", stdout=out)
        yield out.getvalue()


@pytest.mark.usefixtures("printed")
class TestWhatIsPrinted:
    def test_the_printed_link_opens_the_app_and_pairs_a_phone(self, printed: str) -> None:
        found = re.search(r"(\S+/app/)#join=(\S+)", printed)
        assert found is not None

        paired = Client().post(
            "/api/v1/pairing", json.dumps({"code": found[2]}), content_type="application/json"
        )

        assert paired.status_code == 201
        assert Client().get("/app/").status_code == 200

    def test_it_prints_the_address_and_every_login(self, printed: str, settings: Settings) -> None:
        assert f"{settings.PUBLIC_URL}/staff/" in printed
        for login in logins():
            assert re.search(
                rf"{login.clinic.name} +{login.role} +{login.username} +{login.password}\n", printed
            )
        assert len(list(logins())) == 2 * len(Role)

    def test_every_printed_login_works(self, printed: str) -> None:
        for login in logins():
            user = authenticate(username=login.username, password=login.password)
            assert user is not None
            assert StaffMembership.objects.filter(
                user=user, clinic__name=login.clinic.name, role=login.role.value
            ).exists()

    def test_the_printed_code_pairs_a_phone_whose_score_is_taken(self, printed: str) -> None:
        client = Client()
        pairing = {"code": code_in(printed)}
        paired = client.post("/api/v1/pairing", json.dumps(pairing), content_type="application/json")
        assert paired.status_code == 201
        body = re.search(r"-d '(\{\"region.*?\})'$", printed, re.DOTALL)
        path = re.search(r"curl -X PUT \S+?(/api/\S+)", printed)
        assert body is not None
        assert path is not None
        # The shell's clock is stood in for by the midnight before: the trial's second day, not answered yet.
        second_day = date.fromisoformat(paired.json()["trial"]["lead_placed_on"]) + timedelta(days=1)
        sent = re.sub(r"'\"\$\(date[^)]*\)\"'", f"{second_day}T00:00:00Z", body[1])

        taken = client.put(
            path[1],
            sent,
            content_type="application/json",
            headers={"Authorization": f"Bearer {paired.json()['token']}"},
        )

        assert taken.status_code == 201, taken.content

    def test_the_code_lives_for_a_day(self) -> None:
        code = PairingCode.objects.latest("created_at")

        assert (code.expires_at - code.created_at).total_seconds() == 24 * 60 * 60

    def test_each_call_issues_a_fresh_code(self, printed: str) -> None:
        out = StringIO()

        call_command("demo_logins", "--no-curl", stdout=out)

        assert code_in(out.getvalue()) != code_in(printed)
        assert "curl" not in out.getvalue()


def test_the_passwords_pass_the_rules_of_the_house() -> None:
    for login in logins():
        validate_password(login.password)


def test_it_asks_for_the_demo_first() -> None:
    with pytest.raises(CommandError, match=r"run manage\.py load_demo first"):
        call_command("demo_logins")


def test_it_refuses_where_real_people_may_be_kept(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match=r"settings\.DEMO is false"):
        call_command("demo_logins")
