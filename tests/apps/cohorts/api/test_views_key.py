"""What a key opens and what it never does, over HTTP as a program meets it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.accounts.keys import issue_key, revoke_key
from apps.accounts.models import Clinic, User
from apps.outcomes.models import Decision, Signature
from apps.trials.models import StimulationTrial
from tests.factories import make_device, make_trial
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db
KEY = "/api/v1/key"
NOW = datetime.now(UTC)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def token(analyst: User) -> str:
    return issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=NOW).token


def test_a_key_says_what_it_is(client: Client, analyst: User, clinic: Clinic, token: str) -> None:
    answer = client.get(KEY, headers=bearer(token))

    assert answer.status_code == 200
    assert answer.json() == {
        "name": "R",
        "prefix": token.split("_")[1],
        "scopes": ["snapshots.read"],
        "expires_at": (NOW + timedelta(days=7)).isoformat(),
        "person": "analyst",
        "clinics": [{"id": clinic.pk, "name": "Clinic of the trial", "role": "analyst"}],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["RateLimit"].startswith('"key";r=')


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authenticated"),
        ({"Authorization": "Basic Zm9v"}, "not_authenticated"),
        ({"Authorization": "Bearer sctrial_00000000_unknown"}, "token_refused"),
    ],
)
def test_without_a_good_key_the_answer_is_a_problem(
    client: Client, headers: dict[str, str], code: str
) -> None:
    answer = client.get(KEY, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="cohorts"'


def test_a_revoked_key_is_refused_by_the_next_request(client: Client, analyst: User) -> None:
    made = issue_key(analyst, name="R", scopes=["snapshots.read"], days=7, at=NOW)
    before = client.get(KEY, headers=bearer(made.token)).status_code
    revoke_key(made.row, by=analyst, at=NOW)

    assert (before, client.get(KEY, headers=bearer(made.token)).status_code) == (200, 401)


def test_who_is_signed_in_at_the_staff_site_needs_a_key_here_too(client: Client, analyst: User) -> None:
    client.force_login(analyst)

    assert client.get(KEY).status_code == 401


def test_a_phones_token_is_no_key_and_a_key_is_no_phone(client: Client, clinic: Clinic, token: str) -> None:
    _, phone = make_device(make_trial(clinic=clinic), at=NOW)

    assert client.get(KEY, headers=bearer(phone)).status_code == 401
    assert client.get("/api/v1/diary/entries", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("method", ["put", "post", "patch", "delete"])
def test_another_method_is_405(client: Client, token: str, method: str) -> None:
    answer = client.generic(method.upper(), KEY, headers=bearer(token))

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_too_many_requests_are_refused_with_when_to_come_again(
    client: Client, settings: LazySettings, token: str
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"key": "2/60"}

    answers = [client.get(KEY, headers=bearer(token)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_many_requests"
    assert int(answers[2].headers["Retry-After"]) >= 1


SIGNING = {
    "choice": "implant",
    "reason_code": "",
    "reason": "",
    "username": "clinician",
    "password": PASSWORD,
    "code": "000000",
}


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


@pytest.mark.parametrize("name", ["trial_sign", "trial_reopen", "trial_countersign"])
def test_no_key_signs_not_even_that_of_a_clinician(
    clinician: User, trial: StimulationTrial, name: str
) -> None:
    token = issue_key(clinician, name="R", scopes=["snapshots.make", "snapshots.read"], days=7, at=NOW).token
    raw = Client(enforce_csrf_checks=False)

    answer = raw.post(reverse(f"admin:{name}", args=[trial.pk]), SIGNING, headers=bearer(token))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/staff/login/")
    assert not Decision.objects.exists()
    assert not Signature.objects.exists()
