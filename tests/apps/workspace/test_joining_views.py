"""The pages on which a place is offered, and taken by somebody who has an account."""

import re

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from tests.apps.workspace.conftest import Visit
from tests.config.postgres.test_scope import become_the_service
from tests.factories import make_staff

SENT = {"username": "jane", "role": "clinician", "reason": "operates here on Mondays"}


@pytest.fixture
def jane(other_clinic: Clinic) -> User:
    return make_staff("jane", clinic=other_clinic, role=Role.CLINICIAN)


def offering(clinic: Clinic) -> str:
    return f"/staff/people/offer/{clinic.pk}/"


def link_of(client: Client, clinic: Clinic, **sent: str) -> str:
    answer = client.post(offering(clinic), SENT | sent)
    assert (answer.status_code, answer["Cache-Control"].partition(",")[0]) == (200, "no-store")
    found = re.search(r"<code>https?://[^/]+(/staff/join/[^<]+)</code>", answer.content.decode())
    assert found is not None
    return found[1]


def test_somebody_with_an_account_takes_a_place_as_the_service_lets_them(
    clinic: Clinic, site_admin: User, jane: User, as_staff: Visit
) -> None:
    """With the service's own rights in PostgreSQL, which lets only who runs a clinic write its people."""
    offering_browser, taking_browser = as_staff(site_admin), as_staff(jane)
    become_the_service()
    link = link_of(offering_browser, clinic)

    page = taking_browser.get(link).content.decode()
    taken = taking_browser.post(link, follow=True)

    assert f"offers you a place in {clinic}" in page
    assert "Clinician" in page
    assert f"You work in {clinic} now." in taken.content.decode()
    assert jane.memberships.get(clinic=clinic).role == Role.CLINICIAN
    assert taking_browser.get(link).status_code == taking_browser.post(link).status_code == 404


def test_who_is_signed_in_under_another_name_is_told_so_and_no_clinic(
    clinic: Clinic, site_admin: User, stranger: User, as_staff: Visit
) -> None:
    link = link_of(as_staff(site_admin), clinic)

    answer = as_staff(stranger).get(link)

    assert answer.status_code == 404
    assert "it is for another user name" in answer.content.decode()
    assert str(clinic) not in answer.content.decode()


def test_who_is_not_signed_in_signs_in_first(clinic: Clinic, site_admin: User, as_staff: Visit) -> None:
    link = link_of(as_staff(site_admin), clinic)

    answer = Client().get(link)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/staff/login/?next=/staff/join/")


def test_the_page_says_the_same_of_a_name_that_nobody_has(
    clinic: Clinic, site_admin: User, jane: User, as_staff: Visit
) -> None:
    client = as_staff(site_admin)
    changing = r'/staff/join/[^<]+|value="[^"]+"|\d\d:\d\d'
    answers = {
        name: client.post(offering(clinic), SENT | {"username": name}).content.decode()
        for name in ("jane", "june")
    }

    alike = {re.sub(changing, "", answer).replace(name, "") for name, answer in answers.items()}
    assert len(alike) == 1


# fmt: off
REFUSED = [
    # the field     what is sent        status   what is said
    ("username",    "",                 422,     "This field is required."),
    ("username",    "two words",        422,     "Enter a valid username."),
    ("username",    "nul\x00",          422,     "Null characters are not allowed."),
    ("username",    "SITE_ADMIN",       409,     "stands in the list of this clinic already"),
    ("role",        "system",           422,     "none above their own."),
    ("role",        "",                 422,     "This field is required."),
    ("reason",      "",                 422,     "This field is required."),
]
# fmt: on


@pytest.mark.parametrize(("field", "sent", "status", "said"), REFUSED)
def test_what_cannot_be_offered_is_refused_by_its_field(
    clinic: Clinic, site_admin: User, as_staff: Visit, field: str, sent: str, status: int, said: str
) -> None:
    value = site_admin.username if sent == "SITE_ADMIN" else sent

    answer = as_staff(site_admin).post(offering(clinic), SENT | {field: value})

    assert answer.status_code == status
    assert said in answer.content.decode()
    assert "/staff/join/" not in answer.content.decode()
    assert not AuditEvent.objects.filter(action="offer_place").exists()


def test_the_page_of_a_new_person_leads_to_it(clinic: Clinic, site_admin: User, as_staff: Visit) -> None:
    page = as_staff(site_admin).get(f"/staff/people/add/{clinic.pk}/").content.decode()

    assert f'href="{offering(clinic)}"' in page


def test_the_clinic_of_another_is_not_there(other_clinic: Clinic, site_admin: User, as_staff: Visit) -> None:
    client = as_staff(site_admin)

    assert client.get(offering(other_clinic)).status_code == 404
    assert client.post(offering(other_clinic), SENT).status_code == 404


def test_what_the_link_lets_write_ends_with_its_transaction(
    clinic: Clinic, site_admin: User, jane: User, as_staff: Visit
) -> None:
    link = link_of(as_staff(site_admin), clinic)
    client = as_staff(jane)
    client.get(link)

    def may_be_written() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('sctrial.people', true)")
            return str(cursor.fetchone()[0])

    before = may_be_written()
    client.post(link)
    client.get("/staff/")

    assert jane.memberships.filter(clinic=clinic).exists()
    assert may_be_written() == before


# --- the operator gives the role of a site admin alone ---

PLACES = "/staff/accounts/staffmembership/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="a-long-enough-password"))
    return client


@pytest.mark.parametrize("role", ["coordinator", "clinician", "analyst", "former", "system"])
def test_the_operator_gives_no_other_role(root: Client, clinic: Clinic, jane: User, role: str) -> None:
    answer = root.post(f"{PLACES}add/", {"user": jane.pk, "clinic": clinic.pk, "role": role})

    assert answer.status_code == 200
    assert "A site admin of the clinic gives the other roles" in answer.content.decode()
    assert not jane.memberships.filter(clinic=clinic).exists()


def test_the_operator_ends_no_other_role_and_moves_none(root: Client, jane: User, clinic: Clinic) -> None:
    place = jane.memberships.get()
    page = f"{PLACES}{place.pk}/change/"
    drawn = {"drawn_from": root.get(page).context["drawn_from"]}

    ended = root.post(page, drawn | {"role": "former"})
    moved = root.post(page, drawn | {"role": "site_admin", "clinic": clinic.pk, "user": place.user_id})

    assert (ended.status_code, moved.status_code) == (200, 302)
    assert "A site admin of the clinic gives the other roles" in ended.content.decode()
    stored = StaffMembership.objects.get()
    assert (stored.role, stored.clinic_id) == (Role.SITE_ADMIN, place.clinic_id)
