"""Somebody new opens the link, sets a password, and signs in; later it opens nothing."""

import re

import pytest
from django.test import Client

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from tests.apps.workspace.conftest import Visit
from tests.apps.workspace.test_people_views import NEW, adding
from tests.config.postgres.test_scope import become_the_service
from tests.factories.staff import PASSWORD

FORM = "/staff/welcome/"
TWICE = {"new_password1": PASSWORD, "new_password2": PASSWORD}


@pytest.fixture
def link(clinic: Clinic, site_admin: User, as_staff: Visit) -> str:
    page = as_staff(site_admin).post(adding(clinic), NEW).content.decode()
    found = re.search(r"/staff/welcome/[\w.:-]+/", page)
    assert found is not None
    return found[0]


def test_the_person_sets_a_password_and_signs_in_and_the_link_is_used_up(link: str) -> None:
    become_the_service()
    browser = Client()

    page = browser.get(link, follow=True)
    answer = browser.post(FORM, TWICE)
    login = {"username": "new.nurse", "password": PASSWORD, "next": "/staff/"}
    inside = browser.post("/staff/login/", login, follow=True)

    assert (page.status_code, page["Cache-Control"].count("no-store")) == (200, 1)
    assert answer["Location"] == "/staff/login/"
    assert "New Nurse" in inside.content.decode()
    assert [Client().get(link).status_code, browser.post(FORM, TWICE).status_code] == [404, 404]


def test_the_link_is_in_no_address_that_a_refusal_would_be_logged_with(link: str) -> None:
    taken = Client().get(link)

    assert (taken.status_code, taken["Location"]) == (302, FORM)
    assert Client().post(link, TWICE).status_code == 405


def test_the_form_opens_in_the_browser_that_had_the_link_and_in_no_other(link: str) -> None:
    had_it, other = Client(), Client()
    had_it.get(link)

    assert [had_it.get(FORM).status_code, other.get(FORM).status_code] == [200, 404]


def test_until_then_nobody_signs_in_under_the_name(link: str) -> None:
    answer = Client().post("/staff/login/", {"username": "new.nurse", "password": "", "next": "/staff/"})

    assert answer.status_code == 200
    assert "_auth_user_id" not in answer.client.session


# fmt: off
REFUSED = [
    # typed                    typed again                what is said
    ("",                       "",                        "This field is required."),
    (PASSWORD,                 "something else",          "didn’t match"),
    ("short",                  "short",                   "at least 15 characters"),
    ("new.nurse@clinic",       "new.nurse@clinic",        "too similar to the"),
]
# fmt: on


@pytest.mark.parametrize(("first", "second", "said"), REFUSED)
def test_a_password_that_is_no_good_is_refused_with_the_remedy_and_the_link_still_works(
    link: str, first: str, second: str, said: str
) -> None:
    browser = Client()
    browser.get(link)

    answer = browser.post(FORM, {"new_password1": first, "new_password2": second})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert browser.get(FORM).status_code == Client().get(link, follow=True).status_code == 200


def test_the_password_stands_in_no_event(link: str) -> None:
    browser = Client()
    browser.get(link)
    browser.post(FORM, TWICE)

    told = AuditEvent.objects.get(action="set_first_password")
    user = User.objects.get(username="new.nurse")
    assert (told.actor, told.detail, told.reason) == (f"staff:{user.pk}", {}, "")


def test_a_link_that_is_over_says_what_to_do(db: None) -> None:
    answer = Client().get("/staff/welcome/made-up/")

    assert answer.status_code == 404
    assert "tell the site admin of your clinic at once" in answer.content.decode()
