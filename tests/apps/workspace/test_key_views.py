"""Keys on the staff site: made with the password and shown once, revoked by their owner or the site admin."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.keys import find_key, issue_key
from apps.accounts.models import ApiKey, User
from tests.apps.workspace.conftest import Visit
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db
PLACE = "/staff/keys/"
GOOD: dict[str, Any] = {
    "name": "R on my laptop",
    "scopes": ["snapshots.read"],
    "days": "30",
    "password": PASSWORD,
}
TOKEN = re.compile(r"sctrial_[0-9a-f]{8}_[\w-]{43}")
NOW = datetime.now(UTC)


def test_a_key_is_shown_once_and_then_only_its_first_characters(analyst: User, as_staff: Visit) -> None:
    browser = as_staff(analyst)

    made = browser.post(PLACE, GOOD)
    again = browser.get(PLACE).content.decode()

    (token,) = TOKEN.findall(made.content.decode())
    assert "no-store" in made.headers["Cache-Control"]
    assert find_key(token, at=datetime.now(UTC)) == ApiKey.objects.get()
    assert TOKEN.findall(again) == []
    assert token[:16] in again


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"password": "wrong"}, "password", 403),
        ({"password": ""}, "password", 422),
        ({"name": ""}, "name", 422),
        ({"scopes": []}, "scopes", 422),
        ({"scopes": ["sign"]}, "scopes", 422),
        ({"days": "9999"}, "days", 422),
        ({"days": ""}, "days", 422),
    ],
)
def test_what_is_wrong_is_named_and_no_key_is_made(
    analyst: User, as_staff: Visit, wrong: dict[str, Any], field: str, status: int
) -> None:
    answer = as_staff(analyst).post(PLACE, GOOD | wrong)

    assert answer.status_code == status
    assert field in answer.context["form"].errors
    assert not ApiKey.objects.exists()


def test_who_guesses_passwords_here_is_locked_out(analyst: User, as_staff: Visit) -> None:
    browser = as_staff(analyst)
    for _ in range(5):
        browser.post(PLACE, GOOD | {"password": "wrong"})

    answer = browser.post(PLACE, GOOD)

    assert "Locked after 5 wrong tries" in answer.content.decode()
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("who", "sees", "makes"),
    [("coordinator", 403, 403), ("clinician", 200, 200), ("site_admin", 200, 200), ("nobody", 403, 403)],
)
def test_who_may_have_keys(
    request: pytest.FixtureRequest, as_staff: Visit, who: str, sees: int, makes: int
) -> None:
    browser = as_staff(request.getfixturevalue(who))

    assert (browser.get(PLACE).status_code, browser.post(PLACE, GOOD).status_code) == (sees, makes)
    assert ("API keys" in browser.get("/staff/").content.decode()) is (sees == 200)


def made_for(user: User) -> ApiKey:
    return issue_key(user, name="R", scopes=["snapshots.read"], days=7, at=NOW).row


def revoke(browser: Client, key: ApiKey) -> int:
    return browser.post(reverse("admin:api_key_revoke", args=[key.pk])).status_code


@pytest.mark.parametrize(
    ("who", "status"),
    [("analyst", 302), ("site_admin", 302), ("clinician", 404), ("coordinator", 404), ("stranger", 404)],
)
def test_a_key_is_revoked_by_its_owner_or_who_runs_the_clinic(
    request: pytest.FixtureRequest, analyst: User, as_staff: Visit, who: str, status: int
) -> None:
    key = made_for(analyst)

    answer = revoke(as_staff(request.getfixturevalue(who)), key)

    key.refresh_from_db()
    assert (answer, key.revoked_at is not None) == (status, status == 302)


def test_a_site_admin_sees_the_keys_of_the_clinic_and_a_colleague_does_not(
    analyst: User, site_admin: User, clinician: User, as_staff: Visit
) -> None:
    prefix = made_for(analyst).prefix

    assert prefix in as_staff(site_admin).get(PLACE).content.decode()
    assert prefix not in as_staff(clinician).get(PLACE).content.decode()


def test_without_a_key_the_page_says_what_one_is_for(analyst: User, as_staff: Visit) -> None:
    assert "You have no key." in as_staff(analyst).get(PLACE).content.decode()


def test_to_look_at_the_address_of_revoking_revokes_nothing(analyst: User, as_staff: Visit) -> None:
    key = made_for(analyst)

    assert as_staff(analyst).get(reverse("admin:api_key_revoke", args=[key.pk])).status_code == 405
