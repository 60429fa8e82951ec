"""What the staff site is made of: the skin, the accounts pages, patients, the words on every page."""

import re
from contextlib import closing

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Clinic, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.diary.wording import LANGUAGES
from apps.drawn import NAME
from apps.patients.admin import LANGUAGES as OFFERED
from apps.patients.models import Patient
from apps.workspace.site import WorkspaceSite
from tests.apps.workspace.conftest import Visit
from tests.factories import make_patient

NOTICE = "This informs a clinician and decides nothing. Not a medical device, not CE marked."
SKIN = ["colours", "skin", "worklist", "trial", "diary", "admin", "narrow", "print"]


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="correct-horse-battery-staple"))
    return client


def test_every_register_lands_on_our_own_site() -> None:
    assert isinstance(admin.site, WorkspaceSite)


@pytest.mark.parametrize("page", ["/staff/", "/staff/login/", "/staff/trials/stimulationtrial/"])
def test_every_page_wears_the_skin_and_says_what_this_is_not(
    coordinator: User, as_staff: Visit, page: str
) -> None:
    client = as_staff(None if page.endswith("login/") else coordinator)

    html = client.get(page).content.decode()

    parts = re.findall(r'href="[^"]*/workspace/(\w+)\.[^"]*css"( media="print")?', html)
    assert [name for name, _ in parts] == SKIN
    assert [name for name, media in parts if media] == ["print"]
    assert NOTICE in html
    assert "Demo data" in html
    assert "<title>[Demo]" in html


@pytest.mark.parametrize("page", ["/staff/", "/staff/login/", "/nothing/here/"])
def test_every_page_names_an_icon_that_is_there(coordinator: User, as_staff: Visit, page: str) -> None:
    """A browser that is told of none asks for /favicon.ico, and the log fills with what was not found."""
    client = as_staff(None if page.endswith("login/") else coordinator)

    icon = re.search(r'<link rel="icon" href="([^"]+)"', client.get(page).content.decode())

    assert icon is not None
    with closing(client.get(icon[1])) as response:
        assert response.headers["Content-Type"] == "image/svg+xml"


def test_the_badge_is_gone_where_the_data_are_real(
    coordinator: User, as_staff: Visit, settings: Settings
) -> None:
    settings.DEMO = False

    assert "Demo data" not in as_staff(coordinator).get("/staff/").content.decode()


def test_an_unknown_address_answers_plainly(db: None, as_staff: Visit) -> None:
    response = as_staff(None).get("/nothing-here")

    assert response.status_code == 404
    assert "Nothing here under this address" in response.content.decode()


def test_a_system_admin_adds_a_person_and_a_membership_and_both_are_in_the_trail(
    root: Client, clinic: Clinic
) -> None:
    password = "a-long-enough-password-indeed"
    root.post(
        "/staff/accounts/user/add/",
        {"username": "new", "usable_password": "true", "password1": password, "password2": password},
    )
    user = User.objects.get(username="new")

    membership = {"user": user.pk, "clinic": clinic.pk, "role": "site_admin"}
    root.post("/staff/accounts/staffmembership/add/", membership)

    assert StaffMembership.objects.get(user=user).role == "site_admin"
    trail = AuditEvent.objects.filter(object_type__in=["user", "staffmembership"], action="create")
    assert trail.count() == 2


def test_a_person_gets_rights_from_memberships_only(root: Client) -> None:
    page = root.get("/staff/accounts/user/add/").content.decode()

    assert "groups" not in page
    assert "user_permissions" not in page
    assert not admin.site.is_registered(Group)


def test_a_coordinator_adds_a_patient_with_a_name_and_the_trail_holds_no_name(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    sent = {
        "clinic": clinic.pk,
        "pseudonym": "P-1",
        "zone": "Europe/Berlin",
        "identity-TOTAL_FORMS": "1",
        "identity-INITIAL_FORMS": "0",
        "identity-0-full_name": "Invented Person",
    }

    response = as_staff(coordinator).post("/staff/patients/patient/add/", sent)

    assert response.status_code == 302
    assert Patient.objects.get().identity.full_name == "Invented Person"
    trail = str(list(AuditEvent.objects.values()))
    assert "patientidentity" in trail
    assert "Invented" not in trail


def test_a_patients_zone_must_be_a_place(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    sent = {"clinic": clinic.pk, "pseudonym": "P-1", "zone": "Mars/Olympus"}

    response = as_staff(coordinator).post("/staff/patients/patient/add/", sent)

    assert "zone" in response.context["adminform"].form.errors
    assert not Patient.objects.exists()


def test_a_patient_cannot_be_added_to_another_clinic(
    clinic: Clinic, other_clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    sent = {"clinic": other_clinic.pk, "pseudonym": "P-1", "zone": "UTC"}

    response = as_staff(coordinator).post("/staff/patients/patient/add/", sent)

    assert "clinic" in response.context["adminform"].form.errors
    assert not Patient.objects.exists()


NO_NAME = {"identity-TOTAL_FORMS": "0", "identity-INITIAL_FORMS": "0"}


def test_a_patients_language_is_one_of_the_diarys(clinic: Clinic, coordinator: User, as_staff: Visit) -> None:
    sent = {"clinic": clinic.pk, "pseudonym": "P-1", "zone": "UTC"} | NO_NAME
    client = as_staff(coordinator)

    client.post("/staff/patients/patient/add/", sent | {"language": "de"})
    refused = client.post("/staff/patients/patient/add/", sent | {"pseudonym": "P-2", "language": "x"})

    assert dict(OFFERED) == dict(LANGUAGES)
    assert Patient.objects.get().language == "de"
    assert "language" in refused.context["adminform"].form.errors


def test_a_patient_who_moves_keeps_where_the_clock_was(
    clinic: Clinic, coordinator: User, as_staff: Visit
) -> None:
    patient = make_patient(clinic=clinic, zone="Europe/Berlin")
    sent = {"pseudonym": patient.pseudonym, "zone": "America/New_York", "language": "en"}

    browser, page = as_staff(coordinator), f"/staff/patients/patient/{patient.pk}/change/"
    browser.post(page, sent | NO_NAME | {NAME: browser.get(page).context[NAME]})

    patient.refresh_from_db()
    history = [(change.zone, change.by) for change in patient.zone_changes.all()]
    assert patient.zone == "America/New_York"
    assert history == [("America/New_York", f"staff:{coordinator.pk}"), ("Europe/Berlin", "enrolment")]


def test_a_clinic_has_an_emergency_number_and_an_address_for_alerts(root: Client, clinic: Clinic) -> None:
    sent = {"name": clinic.name, "zone": "UTC", "phone": "1", "emergency_phone": "112"}

    page = f"/staff/accounts/clinic/{clinic.pk}/change/"
    sent |= {"alert_email": "desk@clinic.example", NAME: root.get(page).context[NAME]}
    root.post(page, sent)

    clinic.refresh_from_db()
    assert (clinic.emergency_phone, clinic.alert_email) == ("112", "desk@clinic.example")


def test_an_address_for_alerts_is_an_address(root: Client, clinic: Clinic) -> None:
    sent = {"name": clinic.name, "zone": "UTC", "alert_email": "not an address"}

    response = root.post(f"/staff/accounts/clinic/{clinic.pk}/change/", sent)

    assert "alert_email" in response.context["adminform"].form.errors
