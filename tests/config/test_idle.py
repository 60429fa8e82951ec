"""A session that nobody uses is closed; its owner goes on where they were, and nobody else does."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.trials.models import StimulationTrial
from tests.factories import make_trial
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db
MINUTE, HOUR = 60, 3600


@pytest.fixture
def trial(clinic: Any) -> StimulationTrial:
    return make_trial(clinic=clinic)


def page_of(trial: StimulationTrial) -> str:
    return f"/staff/trials/stimulationtrial/{trial.pk}/change/"


def sign_in(name: str, client: Client, *, to: str = "/staff/") -> Any:
    return client.post(f"/staff/login/?next={to}", {"username": name, "password": PASSWORD, "next": to})


def signed_in(name: str) -> Client:
    client = Client()
    sign_in(name, client)
    return client


def let_pass(client: Client, seconds: float, *, clock: str = "seen_at") -> None:
    """As if the last request, or the sign-in, had been so much earlier."""
    session = client.session
    session[clock] -= seconds
    session.save()


def test_within_the_time_one_stays_and_each_page_begins_it_anew(clinician: User) -> None:
    client = signed_in("clinician")

    for _ in range(3):
        let_pass(client, 29 * MINUTE)
        assert client.get("/staff/").status_code == 200


def test_after_it_the_way_back_leads_to_where_one_was(trial: StimulationTrial, clinician: User) -> None:
    client = signed_in("clinician")
    let_pass(client, 30 * MINUTE)

    asked = client.get(page_of(trial))
    door = client.get(asked["Location"])
    back = sign_in("clinician", client, to=page_of(trial))

    assert asked["Location"] == f"/staff/login/?next={page_of(trial)}"
    assert "You were signed out after 30 minutes without use." in door.content.decode()
    assert back["Location"] == page_of(trial)
    assert client.get(page_of(trial)).status_code == 200
    event = AuditEvent.objects.get(action="close_session")
    assert (event.actor, event.detail) == (f"staff:{clinician.pk}", {"why": "idle"})


def test_a_closed_session_stays_closed_however_often_it_is_tried(clinician: User) -> None:
    client = signed_in("clinician")
    let_pass(client, 30 * MINUTE)

    assert [client.get("/staff/").status_code for _ in range(3)] == [302] * 3
    assert AuditEvent.objects.filter(action="close_session").count() == 1


def test_twelve_hours_are_the_end_however_busy_one_was(clinician: User) -> None:
    client = signed_in("clinician")
    let_pass(client, 12 * HOUR, clock="signed_in_at")

    door = client.get("/staff/", follow=True)

    assert "because 12 hours had passed since you signed in" in door.content.decode()


def test_what_was_typed_is_kept_for_its_owner_without_secrets(
    trial: StimulationTrial, coordinator: User
) -> None:
    client = signed_in("coordinator")
    let_pass(client, 30 * MINUTE)
    typed = {"goal": "walk to\nthe lake", "password": PASSWORD, "code": "123456"}

    sent = client.post(page_of(trial), typed)
    back = sign_in("coordinator", client, to="/staff/kept/")
    page = client.get(back["Location"])

    assert sent["Location"] == "/staff/login/?next=/staff/kept/"
    assert dict(page.context["fields"]) == {"goal": "walk to\nthe lake"}
    assert f'action="{page_of(trial)}"' in page.content.decode()
    trial.refresh_from_db()
    assert trial.goal == "", "nothing is stored before it is sent"


def test_sent_again_it_is_kept_no_longer(trial: StimulationTrial, coordinator: User) -> None:
    client = signed_in("coordinator")
    let_pass(client, 30 * MINUTE)
    client.post(page_of(trial), {"goal": "walk"})
    sign_in("coordinator", client)

    client.post(page_of(trial), {"goal": "walk"})

    assert client.get("/staff/kept/").context["kept"] == {}


def test_thrown_away_it_is_gone(trial: StimulationTrial, coordinator: User) -> None:
    client = signed_in("coordinator")
    let_pass(client, 30 * MINUTE)
    client.post(page_of(trial), {"goal": "walk"})
    sign_in("coordinator", client)

    client.post("/staff/kept/")

    assert client.get("/staff/kept/").context["kept"] == {}


def test_the_next_person_at_the_desk_finds_nothing_of_it(
    trial: StimulationTrial, coordinator: User, clinician: User
) -> None:
    client = signed_in("coordinator")
    let_pass(client, 30 * MINUTE)
    client.post(page_of(trial), {"goal": "walk"})

    assert client.get("/staff/kept/").status_code == 302, "nobody is signed in"
    sign_in("clinician", client)

    assert client.get("/staff/kept/").context["kept"] == {}


def test_a_diagnosis_has_a_code_too_and_keeps_it(trial: StimulationTrial, coordinator: User) -> None:
    client = signed_in("coordinator")
    let_pass(client, 30 * MINUTE)
    client.post(page_of(trial), {"code": "M96.1"})
    sign_in("coordinator", client)

    assert dict(client.get("/staff/kept/").context["fields"]) == {"code": "M96.1"}


def test_a_form_of_another_site_is_not_kept(trial: StimulationTrial, coordinator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator)
    client.get("/staff/")
    let_pass(client, 30 * MINUTE)

    assert client.post(page_of(trial), {"goal": "forged"}).status_code == 403
    assert "kept_form" not in client.session


def test_a_closed_session_signs_out_like_any_other(clinician: User) -> None:
    client = signed_in("clinician")
    let_pass(client, 30 * MINUTE)

    assert client.post("/staff/logout/")["Location"] == "/staff/login/"
    assert client.get("/staff/login/").context["closed"] == ""


def test_the_time_is_the_operators_to_set(clinician: User, settings: Any) -> None:
    settings.IDLE_MINUTES = 5
    client = signed_in("clinician")
    let_pass(client, 5 * MINUTE)

    assert "after 5 minutes without use" in client.get("/staff/", follow=True).content.decode()
