"""A day at the clinic in a real browser: the coordinator's morning, and who is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.diary.models import DiaryEntry, StaffTask
from apps.diary.parking import raise_task
from apps.trials.models import StimulationTrial
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage

TRIALS = "/staff/trials/stimulationtrial/"


@pytest.fixture
def silent(story: StimulationTrial) -> StimulationTrial:
    """The patient at baseline, three days without a word; staff have a task for it."""
    trial = StimulationTrial.objects.exclude(pk=story.pk).get(lead_placed_on=None)
    since = datetime.now(UTC) - timedelta(days=1)
    raise_task(trial.pk, kind="missed_evenings", subject=trial.pk, at=since)
    return trial


def follow_card(page: Page, kind: str) -> None:
    """Each number of the worklist is the length of the list behind it."""
    card = page.locator(f".kind-{kind} a")
    count = int(card.locator("strong").inner_text())
    worklist = page.url
    card.click()
    # An empty list has as many rows as the page before it.
    expect(page).not_to_have_url(worklist)
    page.wait_for_load_state()
    expect(page.locator("#result_list tbody tr")).to_have_count(count)
    page.go_back()
    expect(page).to_have_url(worklist)


def test_a_coordinators_morning(
    live_server: LiveServer, silent: StimulationTrial, coordinator: User, blank_page: OpenPage
) -> None:
    page = blank_page()
    log_in(page, live_server, coordinator)
    for kind in ("ready", "silent", "ending", "unpaired", "running"):
        follow_card(page, kind)

    # Who is silent? One click from the worklist to the patient, no mouse needed.
    link = page.locator("section.work-silent").get_by_role("link", name=str(silent.patient))
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("section.tasks")).to_contain_text("1 open")

    # On the phone the patient says what the evening was like.
    page.locator("select[name=question]").select_option("target.average")
    page.get_by_role("button", name="Write it down").click()
    page.locator("input[name=said]").fill("6")
    page.locator("input[name=reason]").fill("Rang to ask about the silence")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator("section.tasks")).to_be_visible()

    # Then the task is closed with what came of it, and the patient gets a phone of their own.
    page.locator("section.tasks input[name=outcome]").fill("Called; had lost the leaflet")
    page.get_by_role("button", name="Close task").click()
    expect(page.locator("section.tasks")).to_contain_text("0 open")
    page.get_by_role("button", name="Invite the patient's phone").click()
    expect(page.locator("svg.qr")).to_be_visible()
    page.goto(f"{live_server.url}/staff/")
    expect(page.locator(".kind-tasks strong")).to_have_text("0")

    told = DiaryEntry.objects.get(trial=silent, originator="staff")
    assert (told.value, told.entered_by) == (6, f"staff:{coordinator.pk}")
    task = StaffTask.objects.get(trial=silent)
    assert (task.closed_by, task.outcome) == (f"staff:{coordinator.pk}", "Called; had lost the leaflet")


def test_a_clinician_of_another_clinic_finds_nothing_and_the_refusal_is_kept(
    live_server: LiveServer, story: StimulationTrial, stranger: User, blank_page: OpenPage
) -> None:
    page = blank_page()
    log_in(page, live_server, stranger)
    for card in page.locator(".count-card strong").all():
        assert card.inner_text() == "0"

    page.goto(f"{live_server.url}{TRIALS}{story.pk}/change/")

    text = page.locator("body").inner_text()
    assert str(story.patient) not in text
    assert story.target_words not in text
    assert AuditEvent.objects.filter(action="refused", actor=f"staff:{stranger.pk}").exists()


def test_an_analyst_reads_pseudonyms_and_is_offered_nothing_to_change(
    live_server: LiveServer, story: StimulationTrial, analyst: User, blank_page: OpenPage
) -> None:
    page = blank_page()
    log_in(page, live_server, analyst)
    page.goto(f"{live_server.url}{TRIALS}{story.pk}/change/")

    expect(page.locator("section.evidence")).to_contain_text("of 3")
    for section in ("phones", "tasks"):
        expect(page.locator(f"section.{section}")).to_have_count(0)
    expect(page.locator("section.decide form")).to_have_count(0)
    expect(page.locator("input[name=_save]")).to_have_count(0)
    page.goto(f"{live_server.url}/staff/patients/patient/{story.patient_id}/change/")
    expect(page.locator("#content")).to_contain_text(story.patient.pseudonym)
    assert "identity" not in page.content().lower()


def test_a_person_without_a_clinic_is_told_whom_to_ask(
    live_server: LiveServer, story: StimulationTrial, nobody: User, blank_page: OpenPage
) -> None:
    page = blank_page(width=390)
    log_in(page, live_server, nobody)

    expect(page.locator("#content-main")).to_contain_text("Ask the person who keeps the accounts")
    assert str(story.patient) not in page.content()
