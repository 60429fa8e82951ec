"""What the staff site is made of: the skin, the accounts pages, patients, the words on every page."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import Clinic, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.patients.models import Patient
from apps.workspace.site import WorkspaceSite
from tests.apps.workspace.conftest import Visit

NOTICE = "This informs a clinician and decides nothing. Not a medical device, not CE marked."


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

    assert "workspace/skin.css" in html
    assert NOTICE in html
    assert "Demo data" in html
    assert "<title>[Demo]" in html


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

    membership = {"user": user.pk, "clinic": clinic.pk, "role": "clinician"}
    root.post("/staff/accounts/staffmembership/add/", membership)

    assert StaffMembership.objects.get(user=user).role == "clinician"
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
