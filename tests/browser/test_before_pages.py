"""The page before the trial and its forms in a real browser: policy, accessibility, widths, the body map."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.patients.models import PainRegions
from apps.patients.services import keep
from apps.trials.models import StimulationTrial
from tests.browser.conftest import log_in, watch
from tests.browser.test_pages import SMALL_TARGETS, breaches, scrolls_sideways
from tests.factories import make_review, make_therapy
from tests.factories.before import ACT

TRIALS = "/staff/trials/stimulationtrial/"
FORMS = ("", "diagnosis/add/", "regions/add/", "therapy/add/", "review/add/", "authorisation/add/")
LOOKS = ((390, "light"), (1366, "dark"), (1366, "light"))


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


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def page(
    browser: Browser, live_server: LiveServer, coordinator: User, request: pytest.FixtureRequest
) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = context.new_page()
    log_in(opened, live_server, coordinator)
    yield opened
    context.close()


def test_pages_keep_the_policy_fit_the_screen_and_break_no_serious_rule(
    live_server: LiveServer, told: StimulationTrial, page: Page
) -> None:
    violations: list[str] = []
    watch(page, violations)
    found: list[str] = []
    for form in FORMS:
        page.goto(f"{live_server.url}{TRIALS}{told.pk}/before/{form}")
        page.wait_for_load_state("networkidle")
        for details in page.query_selector_all("details"):
            details.evaluate("e => e.open = true")
        wrong = {
            "policy": list(violations),
            "sideways": scrolls_sideways(page),
            "small": page.evaluate(SMALL_TARGETS),
            "axe": breaches(page),
        }
        violations.clear()
        found += [f"{form or 'page'}, {check}: {what}" for check, what in wrong.items() if what]

    assert not found, "\n".join(found)


def test_the_map_follows_the_boxes_and_the_keyboard_alone_marks_a_region(
    live_server: LiveServer, told: StimulationTrial, page: Page
) -> None:
    page.goto(f"{live_server.url}{TRIALS}{told.pk}/before/regions/add/")
    hand = page.locator(".r-hand_left").first
    unmarked = hand.evaluate("e => getComputedStyle(e).fill")

    page.get_by_label("Hand, left").focus()
    page.keyboard.press("Space")

    assert hand.evaluate("e => getComputedStyle(e).fill") != unmarked
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("Low back, Hand, left, Foot, left")
