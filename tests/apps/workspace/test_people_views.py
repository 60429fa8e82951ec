"""The people of a clinic as each role sees them, and a person more."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.diary.channels import SETTINGS
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_sign_views import set_up
from tests.factories import make_staff

PLACE = "/staff/people/"
NEW = {
    "username": "new.nurse",
    "first_name": "New",
    "last_name": "Nurse",
    "email": "new.nurse@clinic.example",
    "role": "coordinator",
    "reason": "starts in December",
}


def text(client: Client, url: str = PLACE, **headers: str) -> str:
    return client.get(url, headers=headers).content.decode()


def adding(clinic: Clinic) -> str:
    return f"{PLACE}add/{clinic.pk}/"


# fmt: off
SEEN = [
    # who               names    since, factor, sign-in   a page of each
    ("site_admin",      True,    True,                    True),
    ("coordinator",     True,    False,                   False),
    ("clinician",       True,    False,                   False),
]
# fmt: on


@pytest.mark.parametrize(("who", "names", "more", "links"), SEEN)
def test_colleagues_see_names_and_roles_and_who_runs_the_clinic_sees_more(
    request: pytest.FixtureRequest,
    clinic: Clinic,
    stranger: User,
    as_staff: Visit,
    who: str,
    names: bool,
    more: bool,
    links: bool,
) -> None:
    make_staff("petra", clinic=clinic, role=Role.ANALYST)
    place = make_staff("paul", clinic=clinic).memberships.get()
    set_up(place.user)

    page = text(as_staff(request.getfixturevalue(who)))

    assert ("petra" in page and "Analyst" in page) is names
    assert ("set up" in page and "Last signed in" in page) is more
    assert (f"{PLACE}{place.pk}/" in page) is links
    assert "stranger" not in page


@pytest.mark.parametrize("who", ["analyst", "nobody"])
def test_nobody_else_sees_anybody(request: pytest.FixtureRequest, as_staff: Visit, who: str) -> None:
    client = as_staff(request.getfixturevalue(who))

    assert client.get(PLACE).status_code == 403
    assert "People of the clinic" not in text(client, "/staff/")


@pytest.mark.parametrize("who", ["site_admin", "coordinator", "clinician"])
def test_the_lists_lead_to_it(request: pytest.FixtureRequest, as_staff: Visit, who: str) -> None:
    page = text(as_staff(request.getfixturevalue(who)), "/staff/")

    # In the sidebar and among all lists.
    assert page.count(f'href="{PLACE}"') >= 2
    assert "/staff/accounts/staffmembership/" not in page


def test_who_is_alone_is_told_what_to_do_next(site_admin: User, as_staff: Visit) -> None:
    assert "Nobody else works here yet. Add the first person" in text(as_staff(site_admin))


def test_who_has_left_is_listed_apart_for_who_runs_the_clinic(
    clinic: Clinic, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    gone = make_staff("gone", clinic=clinic)
    StaffMembership.objects.filter(user=gone).update(role=FORMER)

    assert "No longer here (1)" in text(as_staff(site_admin))
    assert "gone" not in text(as_staff(coordinator))


def test_a_new_person_is_added_and_the_link_is_shown_once(
    clinic: Clinic, site_admin: User, as_staff: Visit, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://trials.example"
    client = as_staff(site_admin)

    answer = client.post(adding(clinic), NEW)

    place = StaffMembership.objects.get(user__username="new.nurse")
    assert (answer.status_code, answer["Cache-Control"].partition(",")[0]) == (200, "no-store")
    assert "https://trials.example/staff/welcome/" in answer.content.decode()
    assert "/staff/welcome/" not in text(client, f"{PLACE}{place.pk}/")
    assert AuditEvent.objects.filter(reason="starts in December", clinic_id=clinic.pk).count() == 2


def test_the_link_goes_to_the_person_where_there_is_a_way_to_send_it(
    clinic: Clinic, site_admin: User, as_staff: Visit, settings: Any, tmp_path: Any
) -> None:
    assert SETTINGS["console"] == ("NOTIFY_CONSOLE",)
    settings.NOTIFY_EMAIL_URL, settings.NOTIFY_CONSOLE = "", str(tmp_path / "console")

    answer = as_staff(site_admin).post(adding(clinic), NEW)

    sent = (tmp_path / "console").read_text(encoding="utf-8")
    assert '"to": "new.nurse@clinic.example"' in sent
    assert f"{settings.PUBLIC_URL}/staff/welcome/" in sent
    assert "It is on its way by e-mail, too." in answer.content.decode()


# fmt: off
REFUSED = [
    # the field        what is sent              what is said
    ("username",       "",                       "This field is required."),
    ("username",       "two words",              "Enter a valid username."),
    ("username",       "x" * 151,                "at most 150 characters"),
    ("username",       "nul\x00",                "Null characters are not allowed."),
    ("last_name",      "",                       "This field is required."),
    ("email",          "",                       "This field is required."),
    ("email",          "no address",             "Enter a valid email address."),
    ("role",           "",                       "This field is required."),
    ("role",           "system",                 "none above their own."),
    ("role",           "former",                 "none above their own."),
    ("reason",         "",                       "This field is required."),
    ("reason",         "  x ",                   "Say it in at least 3 characters."),
    ("reason",         "x" * 201,                "at most 200 characters"),
]
# fmt: on


@pytest.mark.parametrize(("field", "sent", "said"), REFUSED)
def test_what_is_wrong_is_named_with_its_field_and_nobody_is_added(
    clinic: Clinic, site_admin: User, as_staff: Visit, field: str, sent: str, said: str
) -> None:
    answer = as_staff(site_admin).post(adding(clinic), NEW | {field: sent})

    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert list(User.objects.all()) == [site_admin]


def test_an_account_that_exists_elsewhere_is_refused_without_a_word_about_it(
    clinic: Clinic, other_clinic: Clinic, site_admin: User, stranger: User, as_staff: Visit
) -> None:
    User.objects.filter(pk=stranger.pk).update(first_name="Very", last_name="Secret")

    answer = as_staff(site_admin).post(adding(clinic), NEW | {"username": "Stranger"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "An account has this user name or this e-mail address already." in page
    assert "Secret" not in page
    assert other_clinic.name not in page
    assert not User.objects.filter(username="Stranger").exists()


def test_the_clinic_of_another_site_admin_is_not_there(
    other_clinic: Clinic, site_admin: User, as_staff: Visit
) -> None:
    client = as_staff(site_admin)

    assert client.get(adding(other_clinic)).status_code == 404
    assert client.post(adding(other_clinic), NEW).status_code == 404
    assert not User.objects.filter(username="new.nurse").exists()


@pytest.mark.parametrize(
    ("asked", "title"), [("de", "Personen der Klinik"), ("es", "Personas de la clínica")]
)
def test_it_speaks_the_language_of_the_browser(
    site_admin: User, as_staff: Visit, asked: str, title: str
) -> None:
    assert title in text(as_staff(site_admin), accept_language=asked)
