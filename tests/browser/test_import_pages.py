"""A diary file with four eyes, in a real browser: refused, mended, proposed by one, committed by another."""

from pathlib import Path

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic, User
from apps.diary.models import DiaryEntry, ImportProposal
from tests.apps.diary.imported import CSV, MAPPING, write
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.imports import SOURCE


def choose(page: Page, folder: Path, content: str) -> None:
    page.get_by_label("Diary file").set_input_files(write(folder, content))
    page.get_by_label("Mapping").set_input_files(write(folder, MAPPING, name="mapping.toml"))
    page.get_by_label("From where, and why").fill(SOURCE)
    page.get_by_role("button", name="Check and propose").click()


def test_a_file_is_proposed_by_one_and_committed_by_another(
    transactional_db: None,
    clinic: Clinic,
    coordinator: User,
    site_admin: User,
    live_server: LiveServer,
    blank_page: OpenPage,
    tmp_path: Path,
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, coordinator)
    page.goto(f"{live_server.url}/staff/diary/importproposal/")
    expect(page.locator("#content")).to_contain_text("No file was proposed yet.")
    found = faults(page, violations=violations)
    page.locator("#content").get_by_role("link", name="Import a diary file").click()
    found += faults(page, violations=violations)

    choose(page, tmp_path, f"{CSV}Hand,2026-10-03,4\n")
    expect(page.get_by_role("alert")).to_contain_text("1 of 6 rows are wrong")
    expect(page.locator("#content")).to_contain_text("'Hand' is not mapped: add it to [regions]")
    found += faults(page, violations=violations)
    choose(page, tmp_path, CSV)
    expect(page.locator("#content")).to_contain_text("Waits for a second person")
    expect(page.get_by_role("button", name="Commit the import")).to_have_count(0)
    found += faults(page, violations=violations)

    second = blank_page(violations=violations)
    log_in(second, live_server, site_admin)
    second.locator(".count-card").filter(has_text="import to commit or refuse").get_by_role("link").click()
    second.locator("#content").get_by_role("link", name="diary.csv").click()
    expect(second.locator("#content")).to_contain_text("What it does to the record as it is now")
    found += faults(second, violations=violations)
    second.get_by_role("button", name="Commit the import").click()
    expect(second.locator("body")).to_contain_text("Imported: the rows stand in the diary.")
    found += faults(second, violations=violations)
    second.get_by_role("link", name="To the imports").click()
    expect(second.locator("#content")).to_contain_text("proposed and committed")
    found += faults(second, violations=violations)

    assert found == []
    assert ImportProposal.objects.get().outcome == "committed"
    assert DiaryEntry.objects.count() == 4
