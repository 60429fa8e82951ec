"""The cohort report in a real browser, on a wide page and on a phone."""

import re

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic, User
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults_of
from tests.factories.cohort_stories import make_stories
from tests.factories.cohorts import make_outcome_table


def test_an_analyst_reads_the_report_and_narrows_it(
    live_server: LiveServer, clinic: Clinic, analyst: User, blank_page: OpenPage
) -> None:
    make_stories(clinic)
    table = make_outcome_table(clinic)
    addresses = {
        "report": "/staff/cohorts/report/",
        "verdicts": "/staff/cohorts/verdicts/",
        "imported": f"/staff/cohorts/imported/{table.pk}/",
    }
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, analyst)
    found = faults_of(page, addresses, server=live_server.url, violations=violations)
    page.goto(live_server.url + addresses["report"])
    page.select_option("select[name=order]", "repeat")
    page.get_by_role("button", name="Show the report").click()
    expect(page.locator("body")).to_contain_text("No trial answers this question.")

    expect(page).to_have_url(re.compile("order=repeat"))
    assert found == []


@pytest.fixture(autouse=True)
def stored(transactional_db: None) -> None:
    """What the server's own thread can see."""
