"""The page of API keys in a real browser: empty, with a key just made, with one revoked."""

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD


def test_a_key_is_made_and_revoked_and_every_page_keeps_the_rules(
    transactional_db: None,
    live_server: LiveServer,
    site_admin: User,
    blank_page: OpenPage,
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    page.goto(f"{live_server.url}/staff/keys/")
    found = faults(page, violations=violations)

    page.fill("input[name=name]", "R on my laptop")
    page.check("input[value='snapshots.read']")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator("#made")).to_have_text("Your new key, shown this once")
    found += faults(page, violations=violations)
    page.get_by_role("button", name="Revoke R on my laptop").click()
    expect(page.locator("body")).to_contain_text("is revoked")
    found += faults(page, violations=violations)

    assert found == []
