"""One person of a clinic: another role, the end of a membership, and what of it is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.accounts.people import OWN, OWN_AND_LAST
from apps.audit.models import AuditEvent
from apps.drawn import NAME, STALE
from apps.workspace.actors import words_at
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_people_views import NEW, adding
from tests.config.postgres.test_scope import become_the_service
from tests.factories import make_staff

WHY = "moved to the pain unit"


def page_of(user: User) -> str:
    return f"/staff/people/{user.memberships.get().pk}/"


def drawn_from(client: Client, user: User) -> str:
    stamp: str = client.get(page_of(user)).context[NAME]
    return stamp


def send(client: Client, user: User, role: str, reason: str = WHY, **more: str) -> Any:
    sent = {NAME: drawn_from(client, user), "role": role, "reason": reason}
    return client.post(page_of(user), sent | more)


def role_of(user: User) -> str:
    return user.memberships.get().role


def test_another_role_holds_from_the_next_request_on(
    site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    theirs = as_staff(coordinator)

    answer = send(as_staff(site_admin), coordinator, "clinician")

    assert answer["Location"] == page_of(coordinator)
    assert role_of(coordinator) == Role.CLINICIAN
    assert theirs.get("/staff/").status_code == 302, "signed out"
    assert AuditEvent.objects.get(object_type="staffmembership").reason == WHY


def test_who_leaves_sees_nothing_and_comes_back_by_the_same_page(
    site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    admin = as_staff(site_admin)

    send(admin, coordinator, FORMER)
    gone = trials_for(coordinator, as_staff)
    page = admin.get(page_of(coordinator)).content.decode()
    send(admin, coordinator, "coordinator")

    assert (gone, trials_for(coordinator, as_staff)) == (403, 200)
    assert "Bring back" in page
    assert "End the membership" not in page


def trials_for(user: User, as_staff: Visit) -> int:
    """After another sign-in."""
    signed_in = as_staff(User.objects.get(pk=user.pk))
    return signed_in.get("/staff/trials/stimulationtrial/").status_code


def test_past_acts_keep_the_name_and_the_role_of_the_moment(
    clinic: Clinic, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    admin = as_staff(site_admin)
    send(admin, coordinator, "clinician")
    then = datetime.now(UTC)
    send(admin, coordinator, FORMER)

    moments = (coordinator.date_joined, then, datetime.now(UTC))
    before, after, gone = words_at([(f"staff:{coordinator.pk}", at, clinic.pk) for at in moments])
    history = admin.get(
        f"/staff/accounts/staffmembership/{coordinator.memberships.get().pk}/history/"
    ).content.decode()

    assert (before, after) == ("coordinator, Coordinator", "coordinator, Clinician")
    assert gone == "coordinator, Former"
    assert "<td>clinician</td>" in history
    assert "<td>former</td>" in history
    assert "site_admin, Site admin" in history


def test_a_page_that_somebody_overtook_changes_nothing_and_tells_by_whom(
    clinic: Clinic, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    second = make_staff("second", clinic=clinic, role=Role.SITE_ADMIN)
    old, admin = drawn_from(as_staff(second), coordinator), as_staff(site_admin)
    send(admin, coordinator, "clinician")

    answer = send(as_staff(second), coordinator, "analyst", **{NAME: old})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert STALE in page
    assert "What changed meanwhile, by site_admin" in page
    assert role_of(coordinator) == Role.CLINICIAN
    assert send(as_staff(second), coordinator, "analyst", **{NAME: answer.context[NAME]}).status_code == 302


def change(url: str, tried: tuple[Client, str, str], start: Barrier) -> int:
    client, role, stamp = tried
    try:
        start.wait(timeout=10)
        status: int = client.post(url, {NAME: stamp, "role": role, "reason": WHY}).status_code
        return status
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_site_admins_at_the_same_moment_one_changes_and_one_is_told(
    clinic: Clinic, site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    second = make_staff("second", clinic=clinic, role=Role.SITE_ADMIN)
    clients, url = (as_staff(site_admin), as_staff(second)), page_of(coordinator)
    rounds = [("clinician", "analyst"), ("coordinator", "site_admin")] * 4

    for number, roles in enumerate(rounds, start=1):
        stamps = [drawn_from(client, coordinator) for client in clients]
        tries, start = list(zip(clients, roles, stamps, strict=True)), Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            given = list(pool.map(change, [url] * 2, tries, [start] * 2))

        assert sorted(given) == [302, 409]
        assert role_of(coordinator) == roles[given.index(302)]
        changes = AuditEvent.objects.filter(object_type="staffmembership", action="change")
        assert changes.count() == number


@pytest.mark.parametrize(
    ("others", "why"), [([], OWN_AND_LAST), ([Role.COORDINATOR], OWN_AND_LAST), ([Role.SITE_ADMIN], OWN)]
)
def test_nobody_changes_the_own_role_and_the_page_says_who_does(
    clinic: Clinic, site_admin: User, as_staff: Visit, others: list[Role], why: str
) -> None:
    for role in others:
        make_staff("another", clinic=clinic, role=role)
    admin = as_staff(site_admin)

    page = admin.get(page_of(site_admin)).content.decode()
    answer = send(admin, site_admin, FORMER)

    assert f"{why}." in page
    assert "End the membership" not in page
    assert (answer.status_code, role_of(site_admin)) == (409, Role.SITE_ADMIN)


# fmt: off
REFUSED = [
    # role           reason        the field    what is said
    ("system",       WHY,          "role",      "none above their own."),
    ("",             WHY,          "role",      "This field is required."),
    ("clinician",    "",           "reason",    "This field is required."),
    ("clinician",    " a ",        "reason",    "Say it in at least 3 characters."),
    ("clinician",    "x" * 201,    "reason",    "at most 200 characters"),
    (FORMER,         "",           "reason",    "This field is required."),
]
# fmt: on


@pytest.mark.parametrize(("role", "reason", "field", "said"), REFUSED)
def test_what_is_wrong_is_named_with_its_field_and_nothing_is_changed(
    site_admin: User, coordinator: User, as_staff: Visit, role: str, reason: str, field: str, said: str
) -> None:
    answer = send(as_staff(site_admin), coordinator, role, reason)

    shown = answer.context["end_form" if role == FORMER else "form"]
    assert answer.status_code == 422
    assert said in " ".join(shown.errors[field])
    assert role_of(coordinator) == Role.COORDINATOR


def test_a_refusal_speaks_the_language_of_the_browser(
    site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    sent = {NAME: drawn_from(as_staff(site_admin), coordinator), "role": "system", "reason": WHY}

    answer = as_staff(site_admin).post(page_of(coordinator), sent, headers={"Accept-Language": "de"})

    assert "und keine über der eigenen." in answer.content.decode()


def test_the_role_that_somebody_has_already_is_said_and_changes_nothing(
    site_admin: User, coordinator: User, as_staff: Visit
) -> None:
    answer = send(as_staff(site_admin), coordinator, "coordinator")

    assert answer.status_code == 409
    assert not AuditEvent.objects.filter(action="end_access").exists()


def test_all_of_it_works_where_the_database_holds_memberships(
    clinic: Clinic, site_admin: User, as_staff: Visit
) -> None:
    admin = as_staff(site_admin)
    become_the_service()

    added = admin.post(adding(clinic), NEW)
    new = User.objects.get(username="new.nurse")
    changed = [send(admin, new, role).status_code for role in ("clinician", FORMER, "analyst")]

    assert (added.status_code, changed) == (200, [302, 302, 302])
    assert role_of(new) == Role.ANALYST


def test_who_works_in_another_clinic_is_not_there(site_admin: User, stranger: User, as_staff: Visit) -> None:
    admin, url = as_staff(site_admin), page_of(stranger)

    given = [
        admin.get(url).status_code,
        admin.post(url, {"role": "analyst", "reason": WHY}).status_code,
        admin.post(f"{url}link/").status_code,
    ]

    assert (given, role_of(stranger)) == ([404, 404, 404], Role.CLINICIAN)


def test_a_link_to_an_account_in_use_is_refused(site_admin: User, coordinator: User, as_staff: Visit) -> None:
    """Whoever runs the clinic would get into it."""
    answer = as_staff(site_admin).post(f"{page_of(coordinator)}link/", follow=True)

    page = answer.content.decode()
    assert "This person has set a password." in page
    assert "/staff/welcome/" not in page
    assert StaffMembership.objects.get(user=coordinator).user.has_usable_password()
