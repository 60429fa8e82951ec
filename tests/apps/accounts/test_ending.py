"""Everything by which a person is let in ends at once: sessions, API keys, on every computer."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from apps.accounts.ending import Why, end_access
from apps.accounts.keys import find_key, issue_key
from apps.accounts.models import FORMER, Clinic, Role, StaffMembership, User
from apps.audit.models import AuditEvent
from apps.drawn import NAME
from tests.factories.staff import PASSWORD, make_staff

pytestmark = pytest.mark.django_db
AT = datetime(2026, 10, 14, 18, 0, tzinfo=UTC)
KEY: dict[str, Any] = {"name": "R", "scopes": ["snapshots.read"], "days": 7}
NEW = "another-long-password-of-theirs"


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_in(client: Client) -> bool:
    return client.get("/staff/").status_code == 200


def test_the_very_next_request_of_every_browser_is_refused(clinician: User) -> None:
    browsers = [browser_of(clinician) for _ in range(3)]
    assert [is_in(one) for one in browsers] == [True] * 3

    end_access(clinician, why=Why.BY_AN_ADMIN, by="staff:1", at=AT)

    assert [is_in(one) for one in browsers] == [False] * 3
    assert is_in(browser_of(clinician)), "who signs in again is in"


def test_keys_die_with_the_sessions_and_the_trail_says_how_many(clinic: Clinic, analyst: User) -> None:
    tokens = [issue_key(analyst, at=AT, **KEY).token for _ in range(2)]

    end_access(analyst, why=Why.BY_AN_ADMIN, by="staff:1", at=AT, reason="left the laptop in a train")

    assert [find_key(token, at=AT) for token in tokens] == [None, None]
    event = AuditEvent.objects.get(action="end_access")
    assert (event.clinic_id, event.object_id, event.actor) == (clinic.pk, str(analyst.pk), "staff:1")
    assert event.reason == "left the laptop in a train"
    assert event.detail == {"why": "by_an_admin", "keys": 2}


def test_nobody_else_is_signed_out(clinician: User, coordinator: User) -> None:
    other = browser_of(coordinator)

    end_access(clinician, why=Why.BY_AN_ADMIN, by="staff:1", at=AT)

    assert is_in(other)


def root() -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


def drawn_on(browser: Client, page: str) -> dict[str, str]:
    """What the page says that it was drawn from."""
    return {NAME: browser.get(page).context[NAME]}


# fmt: off
ENDED_BY_THE_OPERATOR = [
    # who was              what the operator makes of them
    (Role.SITE_ADMIN,      FORMER),
    (Role.CLINICIAN,       Role.SITE_ADMIN),
]
# fmt: on


@pytest.mark.parametrize(("was", "role"), ENDED_BY_THE_OPERATOR)
def test_a_role_that_is_lost_in_mid_session_is_gone_at_the_next_request(
    clinic: Clinic, was: Role, role: str
) -> None:
    person = make_staff("somebody", clinic=clinic, role=was)
    token = issue_key(person, at=datetime.now(UTC), **KEY).token
    browser, place = browser_of(person), person.memberships.get()

    system, page = browser_of(root()), f"/staff/accounts/staffmembership/{place.pk}/change/"
    answer = system.post(page, {"role": role} | drawn_on(system, page))

    assert answer.status_code == 302
    assert not is_in(browser)
    assert find_key(token, at=datetime.now(UTC)) is None


def test_who_has_left_a_clinic_signs_in_and_sees_nothing_of_it(clinician: User) -> None:
    clinician.memberships.update(role=FORMER)
    browser = browser_of(clinician)

    assert browser.get("/staff/").status_code == 200
    assert browser.get("/staff/trials/stimulationtrial/").status_code == 403


def test_a_role_taken_away_past_every_page_is_gone_at_the_next_request_too(clinician: User) -> None:
    """By raw SQL or in bulk, say: rights are read anew at each request, whatever wrote them."""
    browser = browser_of(clinician)
    assert browser.get("/staff/trials/stimulationtrial/").status_code == 200

    StaffMembership.objects.filter(user=clinician).update(role=FORMER)

    assert browser.get("/staff/trials/stimulationtrial/").status_code == 403


def test_a_session_of_somebody_who_was_deactivated_does_not_come_back_with_them(clinician: User) -> None:
    system, browser = browser_of(root()), browser_of(clinician)
    page = f"/staff/accounts/user/{clinician.pk}/change/"
    sent = {"username": clinician.username, "is_staff": "on"}

    assert system.post(page, sent | drawn_on(system, page)).status_code == 302
    assert not is_in(browser)
    back = {"is_active": "on"} | drawn_on(system, page)
    assert system.post(page, sent | back).status_code == 302

    assert not is_in(browser)
    assert is_in(browser_of(User.objects.get(pk=clinician.pk)))


def test_a_new_password_ends_every_session_but_the_one_that_set_it(clinician: User) -> None:
    token = issue_key(clinician, at=datetime.now(UTC), **KEY).token
    here, elsewhere = browser_of(clinician), browser_of(clinician)
    sent = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    assert here.post("/staff/password_change/", sent).status_code == 302

    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert find_key(token, at=datetime.now(UTC)) is None
    assert AuditEvent.objects.get(action="end_access").detail["why"] == "password_changed"


def test_a_password_set_by_the_operator_ends_every_session(clinician: User) -> None:
    browser = browser_of(clinician)
    sent = {"password1": NEW, "password2": NEW}

    answer = browser_of(root()).post(f"/staff/accounts/user/{clinician.pk}/password/", sent)

    assert answer.status_code == 302
    assert not is_in(browser)


def test_a_person_of_no_clinic_leaves_a_trail_of_no_clinic(nobody: User) -> None:
    end_access(nobody, why=Why.BY_THEMSELVES, by=f"staff:{nobody.pk}", at=AT)

    assert AuditEvent.objects.get(action="end_access").clinic_id is None


def test_each_clinic_of_the_person_is_told(clinic: Clinic, other_clinic: Clinic) -> None:
    both = make_staff("both", clinic=clinic)
    both.memberships.create(clinic=other_clinic, role=Role.ANALYST.value)

    end_access(both, why=Why.BY_THEMSELVES, by=f"staff:{both.pk}", at=AT)

    told = AuditEvent.objects.filter(action="end_access").values_list("clinic_id", flat=True)
    assert set(told) == {clinic.pk, other_clinic.pk}
