"""Files made in the background, in a real browser: asked for, followed, taken; and a schedule."""

from pathlib import Path

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import Clinic, User
from apps.cohorts import exporting
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.tasks import run_export
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories import NOW, make_trial
from tests.factories.cohorts import make_kept_snapshot

FILES = "/staff/cohorts/exports/"


def test_an_analyst_has_files_made_and_follows_them(
    live_server: LiveServer, clinic: Clinic, analyst: User, blank_page: OpenPage
) -> None:
    make_trial(clinic=clinic)
    snapshot = make_kept_snapshot(clinic)
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, analyst)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}, {fault}" for fault in faults(page, violations=violations))

    def ask(file: str) -> ExportJob:
        page.goto(f"{live_server.url}/staff/cohorts/snapshots/{snapshot.pk}/")
        page.select_option("#file", file)
        page.get_by_role("button", name="Make it in the background").click()
        expect(page).to_have_url(live_server.url + FILES)
        return ExportJob.objects.earliest("-asked_at")

    page.goto(live_server.url + FILES)
    look("none yet")
    failed = ask("trials.xpt")
    exporting.fail(failed.pk, error=exporting.TOO_OFTEN, at=NOW)
    begun = ask("subjects.csv")
    exporting.begin(begun.pk, at=NOW)
    job = ask("daily.csv")
    look("in the making")
    run_export(job_id=str(job.pk))
    expect(page.get_by_role("status")).to_have_text("1 being made, 1 ready.")
    look("one of each")
    page.goto(f"{live_server.url}/staff/cohorts/schedules/")
    look("no schedule yet")
    page.get_by_role("button", name="Set it up").click()
    look("a schedule")
    page.goto(live_server.url + FILES)
    with page.expect_download() as download:
        page.get_by_role("link", name="Take it").click()

    assert found == []
    assert download.value.suggested_filename == f"{snapshot.pk}-daily.csv"
    assert Path(download.value.path()).read_bytes() == b"".join(exporting.pieces_of(job.pk))
