"""The analyst's pages in a real browser: ask, be refused, make, open, compare."""

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic, User
from apps.diary.models import DiaryEntry
from tests.apps.cohorts.test_services import make_cohort
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories import make_entries, make_trial

SNAPSHOTS = "/staff/cohorts/snapshots/"


def test_an_analyst_makes_two_snapshots_and_sees_what_changed(
    live_server: LiveServer, clinic: Clinic, analyst: User, blank_page: OpenPage
) -> None:
    make_cohort(clinic)
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, analyst)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}, {fault}" for fault in faults(page, violations=violations))

    def make(**fields: str) -> None:
        page.goto(live_server.url + SNAPSHOTS)
        for name, value in fields.items():
            page.fill(f"input[name={name}]", value)
        page.get_by_role("button", name="Make the snapshot").click()

    page.goto(live_server.url + SNAPSHOTS)
    look("none yet")
    make(diagnosis="back")
    expect(page.locator("body")).to_contain_text("write M54 or M96.1")
    look("refused")
    make()
    expect(page.locator("h1")).to_contain_text("Snapshot 20")
    look("the only one")
    make_entries(make_trial(clinic=clinic), {"2026-10-09": 4})
    make()
    expect(page.get_by_role("button", name="Compare")).to_be_visible()
    look("one of two")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("body")).to_contain_text("0 changed, 1 added, 0 gone, 5 the same.")
    look("compared")
    page.goto(live_server.url + SNAPSHOTS)
    look("listed")

    assert found == []
    assert DiaryEntry.objects.exists()
