"""Sessions, the door after a time without use, and what was typed meanwhile, in a real browser."""

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.trials.models import StimulationTrial
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD


def let_half_an_hour_pass() -> None:
    for row in Session.objects.all():
        store = SessionStore(row.session_key)
        store["seen_at"] -= 30 * 60
        store.save()


def test_somebody_comes_back_from_lunch_and_every_page_keeps_the_rules(
    story: StimulationTrial,
    live_server: LiveServer,
    site_admin: User,
    coordinator: User,
    blank_page: OpenPage,
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    found = []
    for place in ("audit/auditevent/", "trail/review/", "access/"):
        page.goto(f"{live_server.url}/staff/{place}")
        found += faults(page, violations=violations)
    page.get_by_label("Reason to end the access of coordinator").fill("typed before lunch")

    let_half_an_hour_pass()
    page.get_by_label("End all sessions of coordinator").click()
    expect(page.locator("body")).to_contain_text("You were signed out after 30 minutes without use.")
    found += faults(page, violations=violations)
    page.fill("input[name=username]", site_admin.username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("input[type=submit]").click()
    expect(page.locator("#typed")).to_have_text("What you had typed")
    expect(page.locator("body")).to_contain_text("typed before lunch")
    found += faults(page, violations=violations)
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator("body")).to_contain_text("coordinator is signed out everywhere")

    assert found == []
