"""The page before the trial and its forms in a real browser: policy, accessibility, widths, the body map."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.patients.models import PainRegions
from apps.patients.services import keep
from apps.trials.models import StimulationTrial
from tests.browser.looking import OpenPage, faults_of
from tests.factories import make_review, make_therapy
from tests.factories.before import ACT

TRIALS = "/staff/trials/stimulationtrial/"
FORMS = ("", "diagnosis/add/", "regions/add/", "therapy/add/", "review/add/", "authorisation/add/")


@pytest.fixture
def told(story: StimulationTrial) -> StimulationTrial:
    """With treatments of each answer, a review and two regions."""
    patient = story.patient
    make_therapy(patient)
    make_therapy(patient, kind="gabapentinoid", agent="gabapentin", dose_mg=600, weeks_at_dose=4)
    make_therapy(patient, kind="epidural_steroid", agent="", ended_on=None, outcome="wore_off", relief=60)
    make_review(patient, adult=True, contraindications={"infection": True}, active_infection=True)
    keep(PainRegions, patient, values={"regions": ["low_back", "foot_left"]}, act=ACT)
    return story


def test_pages_keep_the_policy_fit_the_screen_and_break_no_serious_rule(
    live_server: LiveServer, told: StimulationTrial, open_page: OpenPage
) -> None:
    violations: list[str] = []
    page = open_page(violations=violations)
    addresses = {form or "page": f"{TRIALS}{told.pk}/before/{form}" for form in FORMS}

    found = faults_of(page, addresses, server=live_server.url, violations=violations)

    assert not found, "\n".join(found)


def test_the_map_follows_the_boxes_and_the_keyboard_alone_marks_a_region(
    live_server: LiveServer, told: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}{TRIALS}{told.pk}/before/regions/add/")
    hand = page.locator(".r-hand_left").first
    unmarked = hand.evaluate("e => getComputedStyle(e).fill")

    page.get_by_label("Hand, left").focus()
    page.keyboard.press("Space")

    expect(hand).not_to_have_css("fill", unmarked)
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Low back; Hand, left; Foot, left")
