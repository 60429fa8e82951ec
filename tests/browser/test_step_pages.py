"""The steps of a trial and the page of an implant in a real browser: policy, accessibility, a journey."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.browser.looking import OpenPage, faults_of
from tests.factories import make_event, make_implant, make_lead, make_stimulator

TRIALS = "/staff/trials/stimulationtrial/"


def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def running(story: StimulationTrial) -> StimulationTrial:
    """With its leads in, planned past ten days."""
    trial = StimulationTrial.objects.get(target_area="left foot")
    StimulationTrial.objects.filter(pk=trial.pk).update(planned_end_on=today() + timedelta(days=9))
    make_lead(trial, kind="drg", contacts=4, level="", ganglion="L5")
    make_stimulator(trial)
    make_event(trial, outcome="", onset_on=today())
    return trial


@pytest.fixture
def addresses(story: StimulationTrial, running: StimulationTrial) -> dict[str, str]:
    StimulationTrial.objects.filter(pk=story.pk).update(phase=Phase.FOLLOW_UP.value)
    implant = make_implant(story, implanted_on=today())
    implant.follow_ups.create(month=1, seen_on=today(), pain=4, function="better", satisfied=True)
    return {
        "one answer": f"{TRIALS}{running.pk}/revise/entry/{running.entries.earliest('pk').pk}/",
        "running trial": f"{TRIALS}{running.pk}/change/",
        "trial in follow-up": f"{TRIALS}{story.pk}/change/",
        "implant": f"/staff/trials/permanentimplant/{implant.pk}/change/",
        "new implant": "/staff/trials/permanentimplant/add/",
        "implants": "/staff/trials/permanentimplant/",
    }


def test_pages_keep_the_policy_fit_the_screen_and_break_no_serious_rule(
    live_server: LiveServer, addresses: dict[str, str], open_page: OpenPage
) -> None:
    violations: list[str] = []
    page = open_page(violations=violations)

    found = faults_of(page, addresses, server=live_server.url, violations=violations)

    assert not found, "\n".join(found)


def test_a_trial_is_ended_by_its_step_and_handed_over_once_its_ends_are_tied(
    live_server: LiveServer, running: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}{TRIALS}{running.pk}/change/")
    expect(page.locator(".steps .caution").first).to_contain_text("past 10 days")

    page.click("#step-ended summary")
    page.fill("#step-ended-on", today().isoformat())
    page.select_option("#step-ended-end_reason", "technical_failure")
    page.select_option("#step-ended-technical_cause", "migration")
    page.click("#step-ended button")

    expect(page.locator(".messagelist")).to_contain_text("Done: end the trial.")
    expect(page.locator(".steps")).to_contain_text("Technical failure: Lead migration. It says nothing about")
    expect(page.locator(".closed-steps")).to_contain_text("whether each lead was removed or kept")
    expect(page.locator(".closed-steps")).to_contain_text("action and outcome of each adverse event")

    page.check("#id_leads-0-is_kept")
    page.select_option("#id_adverse_events-0-outcome", "recovered")
    page.click("input[name=_save]")
    page.click("#step-decision_pending summary")
    page.click("#step-decision_pending button")

    expect(page.locator("#steps")).to_have_text("Where it stands: Decision pending")
