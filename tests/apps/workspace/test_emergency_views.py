"""The page on which a clinician opens another clinic in an emergency: who gets it, and what it asks for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.factors import code_at
from apps.accounts.models import Clinic, EmergencyAccess, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.emergency_room import SAID, open_for, switch_on
from tests.apps.workspace.test_passkey_views import add, by_passkey
from tests.apps.workspace.test_sign_views import SECRET, set_up
from tests.factories import make_clinic, make_staff
from tests.factories.authenticator import SoftAuthenticator
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/staff/emergency/"


@pytest.fixture
def reader(stranger: User, as_staff: Visit) -> Client:
    return as_staff(stranger)


@pytest.fixture
def messages(settings: Any, tmp_path: Path) -> Path:
    settings.NOTIFY_CONSOLE = str(tmp_path / "messages")
    return tmp_path / "messages"


def filled(place: Clinic, **changes: Any) -> dict[str, Any]:
    now = code_at(SECRET, datetime.now(UTC))
    return SAID | {"clinic": place.pk, "password": PASSWORD, "code": now} | changes


def test_with_both_factors_and_a_reason_it_is_open(clinic: Clinic, stranger: User, reader: Client) -> None:
    switch_on(clinic)
    set_up(stranger)

    answer = reader.post(PAGE, filled(clinic))

    row = EmergencyAccess.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert (row.user, row.clinic, row.reason_code, row.reason) == (
        stranger,
        clinic,
        "patient_here",
        "in our emergency room",
    )
    assert f"The records of {clinic} are open to you" in reader.get(PAGE).content.decode()


def test_a_passkey_opens_it_too(clinic: Clinic, stranger: User, reader: Client) -> None:
    switch_on(clinic)
    device = SoftAuthenticator()
    add(reader, device)

    assert by_passkey(reader, device, PAGE, filled(clinic)).status_code == 302


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "wrong"}, 403, "do not belong together"),
        ({"code": "000000"}, 403, "do not belong together"),
        ({"code": ""}, 403, "do not belong together"),
        ({"reason": ""}, 422, "This field is required."),
        ({"reason": "x"}, 422, "Say it in at least 3 characters."),
        ({"reason": "     "}, 422, "This field is required."),
        ({"reason": "a      b"}, 422, "Say it in at least 3 characters."),
        ({"reason": "x" * 201}, 422, "at most 200 characters"),
        ({"reason_code": ""}, 422, "This field is required."),
        ({"reason_code": "curious"}, 422, "Select a valid choice."),
        ({"clinic": ""}, 422, "This field is required."),
        ({"clinic": 999_999}, 422, "Select a valid choice."),
        ({"clinic": "1 OR 1=1"}, 422, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_opened(
    clinic: Clinic, stranger: User, reader: Client, changes: dict[str, Any], status: int, words: str
) -> None:
    switch_on(clinic)
    set_up(stranger)

    answer = reader.post(PAGE, filled(clinic, **changes))

    assert (answer.status_code, EmergencyAccess.objects.count()) == (status, 0)
    page = answer.content.decode()
    assert words in page
    assert PASSWORD not in page


def test_a_clinic_that_has_it_switched_off_is_no_choice(
    clinic: Clinic, stranger: User, reader: Client
) -> None:
    set_up(stranger)
    switch_on(make_clinic("Another that has it on"))

    page = reader.get(PAGE).content.decode()
    answer = reader.post(PAGE, filled(clinic))

    assert (f">{clinic}</option>" in page, ">Another that has it on</option>" in page) == (False, True)
    assert answer.status_code == 422


def test_without_a_clinic_to_choose_the_page_says_who_switches_it_on(reader: Client) -> None:
    page = reader.get(PAGE).content.decode()

    assert "No other clinic has emergency access switched on. Who keeps the accounts" in page
    assert 'name="reason"' not in page


def test_without_a_second_factor_nothing_is_opened(clinic: Clinic, reader: Client) -> None:
    switch_on(clinic)

    page = reader.get(PAGE).content.decode()
    answer = reader.post(PAGE, filled(clinic))

    assert "you have none yet" in page
    assert (answer.status_code, EmergencyAccess.objects.count()) == (403, 0)
    assert "Set up a second factor before you open anything." in answer.content.decode()


def test_a_code_opens_once(clinic: Clinic, stranger: User, reader: Client) -> None:
    switch_on(clinic)
    set_up(stranger)
    form = filled(clinic)
    reader.post(PAGE, form)
    reader.post(f"{PAGE}end/")

    assert reader.post(PAGE, form).status_code == 403


def test_a_second_one_waits_for_the_end_of_the_first(clinic: Clinic, stranger: User, reader: Client) -> None:
    set_up(stranger)
    open_for(stranger, clinic, client=reader)

    answer = reader.post(PAGE, filled(clinic))

    assert (answer.status_code, EmergencyAccess.objects.count()) == (409, 1)
    assert "are open already: end that first." in answer.content.decode()


def test_what_is_open_in_another_browser_is_shown_and_ended_here(
    clinic: Clinic, stranger: User, as_staff: Visit
) -> None:
    row = open_for(stranger, clinic, client=as_staff(stranger))
    here = as_staff(stranger)

    page = here.get(PAGE).content.decode()
    here.post(f"{PAGE}end/")

    row.refresh_from_db()
    assert f"You have opened the records of {clinic} in another browser" in page
    assert row.ended_why == "reader"


def test_with_nothing_open_there_is_nothing_to_end(stranger: User, reader: Client) -> None:
    page = reader.post(f"{PAGE}end/", follow=True).content.decode()

    assert "No emergency access is open." in page


def test_the_site_admins_of_both_clinics_are_told_at_once_and_no_patient_is_named(
    clinic: Clinic, other_clinic: Clinic, stranger: User, reader: Client, messages: Path
) -> None:
    for place in (clinic, other_clinic):
        admin = make_staff(f"admin of {place.pk}", clinic=place, role=Role.SITE_ADMIN)
        User.objects.filter(pk=admin.pk).update(email=f"admin{place.pk}@clinic.example")
    switch_on(clinic)
    set_up(stranger)

    reader.post(PAGE, filled(clinic, reason="Mister Sample is here"))

    told = messages.read_text()
    assert told.count("Emergency access was opened") == 2
    assert all(f"admin{place.pk}@clinic.example" in told for place in (clinic, other_clinic))
    assert f"A clinician of {other_clinic} reads the records of {clinic} until" in told
    assert not any(word in told for word in ("Sample", "stranger"))


def test_wrong_tries_are_the_same_tries_as_to_sign(
    clinic: Clinic, other_clinic: Clinic, stranger: User, reader: Client, messages: Path
) -> None:
    admin = make_staff("admin", clinic=other_clinic, role=Role.SITE_ADMIN)
    User.objects.filter(pk=admin.pk).update(email="admin@clinic.example")
    switch_on(clinic)
    set_up(stranger)

    tries = [reader.post(PAGE, filled(clinic, code="000000")).status_code for _ in range(5)]

    assert (tries, reader.post(PAGE, filled(clinic)).status_code) == ([403] * 4 + [429], 429)
    told = messages.read_text()
    assert (told.count("Wrong tries to sign"), told.count("Signing was locked")) == (1, 1)


@pytest.mark.parametrize(
    ("who", "page", "posted"),
    [
        ("coordinator", 403, 403),
        ("clinician", 200, 422),
        ("site_admin", 200, 403),
        ("analyst", 403, 403),
        ("nobody", 403, 403),
        ("root", 403, 403),
        ("clinician who runs the system", 200, 403),
    ],
)
def test_clinicians_open_and_site_admins_look_on(
    request: pytest.FixtureRequest, clinic: Clinic, as_staff: Visit, who: str, page: int, posted: int
) -> None:
    client = as_staff(person(who, request, clinic))

    assert (client.get(PAGE).status_code, client.post(PAGE, {}).status_code) == (page, posted)


def person(who: str, request: pytest.FixtureRequest, clinic: Clinic) -> User:
    if who not in ("root", "clinician who runs the system"):
        found: User = request.getfixturevalue(who)
        return found
    root = User.objects.create_superuser("root", password="correct-horse-battery-staple")
    if who != "root":
        StaffMembership.objects.create(user=root, clinic=clinic, role=Role.CLINICIAN)
    return root


@pytest.mark.parametrize(
    ("who", "is_told"), [("clinician", True), ("site_admin", True), ("coordinator", False)]
)
def test_the_way_to_the_page_stands_in_the_lists_of_who_may_open_it(
    request: pytest.FixtureRequest, as_staff: Visit, who: str, is_told: bool
) -> None:
    lists = as_staff(request.getfixturevalue(who)).get("/staff/").content.decode()

    assert (f'href="{PAGE}"' in lists) is is_told


@pytest.mark.parametrize(
    ("who", "status", "is_turned"),
    [("site_admin", 302, False), ("clinician", 403, False), ("root", 302, True)],
)
def test_only_who_runs_the_system_turns_the_switch(
    request: pytest.FixtureRequest, clinic: Clinic, as_staff: Visit, who: str, status: int, is_turned: bool
) -> None:
    """A site admin saves the other settings on the same page."""
    client = as_staff(person(who, request, clinic))
    url = f"/staff/accounts/clinic/{clinic.pk}/change/"
    page = client.get(url)
    drawn = (page.context or {}).get("drawn_from", "")
    form = {"name": clinic.name, "zone": clinic.zone, "phone": clinic.phone}
    form |= {"emergency_access": "on", "drawn_from": drawn}

    assert client.post(url, form).status_code == status
    clinic.refresh_from_db()
    assert clinic.emergency_access is is_turned
    changes = AuditEvent.objects.filter(
        action="change", object_type="clinic", detail__fields__0__isnull=False
    )
    assert [one.detail for one in changes] == [{"fields": ["emergency_access"]}] * is_turned
