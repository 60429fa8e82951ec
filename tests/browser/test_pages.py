"""Every main page in a real browser: policy, accessibility, widths, light and dark."""

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.trials.models import StimulationTrial
from tests.apps.workspace.busy import make_busy
from tests.browser.looking import (
    OpenPage,
    faults,
    faults_of,
    until,
)

TRIALS = "/staff/trials/stimulationtrial/"
Addresses = dict[str, str]


@pytest.fixture
def busy(story: StimulationTrial) -> StimulationTrial:
    """The running trial of the story, with everything that can wait for somebody."""
    trial = StimulationTrial.objects.get(target_area="left foot")
    make_busy(trial)
    return trial


@pytest.fixture
def addresses(story: StimulationTrial, busy: StimulationTrial) -> Addresses:
    down = f"{TRIALS}{busy.pk}/write-down/?question="
    return {
        "worklist": "/staff/",
        "trial list": TRIALS,
        "trial page": f"{TRIALS}{story.pk}/change/",
        "busy trial": f"{TRIALS}{busy.pk}/change/",
        "a score told by phone": f"{down}target.average",
        "warning signs told by phone": f"{down}red_flags",
        "a choice told by phone": f"{down}goal_activity",
        "tasks": "/staff/diary/stafftask/?open=1",
        "other answers": "/staff/diary/diaryanswer/",
        "new trial": f"{TRIALS}add/",
        "new patient": "/staff/patients/patient/add/",
        "entries": "/staff/diary/diaryentry/",
        "history": f"{TRIALS}{story.pk}/history/",
    }


def test_pages_keep_the_policy_fit_the_screen_and_break_no_serious_rule(
    live_server: LiveServer, addresses: Addresses, open_page: OpenPage
) -> None:
    violations: list[str] = []
    page = open_page(violations=violations)

    found = faults_of(page, addresses, server=live_server.url, violations=violations)

    assert not found, "\n".join(found)


def test_the_login_page_keeps_the_policy_fits_the_screen_and_breaks_no_serious_rule(
    live_server: LiveServer, blank_page: OpenPage
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)

    page.goto(f"{live_server.url}/staff/login/")

    assert faults(page, violations=violations) == []


def test_the_listener_hears_a_breach(live_server: LiveServer, blank_page: OpenPage) -> None:
    """Without this a broken listener would pass every page."""
    violations: list[str] = []
    page = blank_page(violations=violations)
    page.goto(f"{live_server.url}/staff/login/")

    page.evaluate("document.body.setAttribute('style', 'color: red')")
    until(page, lambda: violations)

    assert violations[0].startswith("style-src")


def test_a_silent_patient_is_two_clicks_from_the_login(
    live_server: LiveServer, story: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()

    page.click(".kind-silent a")
    page.click("#result_list tbody th a >> nth=0")

    page.wait_for_selector(".evidence")


@pytest.mark.parametrize(("width", "shown"), [(390, "360"), (1366, "760")])
def test_one_drawing_of_the_chart_is_shown_at_each_width(
    live_server: LiveServer, story: StimulationTrial, open_page: OpenPage, width: int, shown: str
) -> None:
    page = open_page(width=width)
    page.goto(f"{live_server.url}{TRIALS}{story.pk}/change/")

    assert page.locator("svg.diary-chart:visible").count() == 1
    assert page.locator(f"svg.diary-chart-{shown}").is_visible()


def test_what_is_shut_on_the_screen_is_open_on_paper_and_what_leads_away_is_gone(
    live_server: LiveServer, story: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}{TRIALS}{story.pk}/change/")
    shut, jump = page.locator(".record td").first, page.locator(".jump")
    assert (shut.is_visible(), jump.is_visible()) == (False, True)

    page.emulate_media(media="print")

    assert (shut.is_visible(), jump.is_visible()) == (True, False)
    assert "printed by" in page.locator(".print-head").inner_text()


def test_the_keyboard_alone_reaches_and_shows_every_stop_of_the_worklist(
    live_server: LiveServer, story: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()
    seen, focus = [], [""]
    # More than any page has; past the last stop the page itself has the focus.
    for _ in range(300):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, e.textContent.trim().slice(0, 40),"
            " s.outlineStyle, parseFloat(s.outlineWidth)] }"
        )
        if focus[0] == "BODY":
            break
        seen.append(focus)

    assert focus[0] == "BODY"
    assert any("ready for a decision" in text for _, text, _, _ in seen)
    assert [stop for stop in seen if stop[2] == "none" or stop[3] < 2] == []


def test_an_invitation_is_gone_when_its_page_is_left(
    live_server: LiveServer, story: StimulationTrial, busy: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{live_server.url}{TRIALS}{busy.pk}/change/")

    page.click("text=Invite the patient's phone")
    code = page.inner_text(".pairing-code")
    page.click("text=Back to the trial")
    expect(page.get_by_text("Not paired yet").first).to_be_visible()

    assert len(code) == 9
    assert code not in page.content()


def test_an_invitation_keeps_the_policy_and_prints_nothing_but_the_patients_sheet(
    live_server: LiveServer, busy: StimulationTrial, open_page: OpenPage
) -> None:
    violations: list[str] = []
    page = open_page(violations=violations)
    page.goto(f"{live_server.url}{TRIALS}{busy.pk}/change/")
    page.click("text=Invite a caregiver's phone")
    page.wait_for_selector("svg.qr")

    assert faults(page, violations=violations) == []
    page.emulate_media(media="print")
    assert page.is_visible("svg.qr")
    assert page.is_visible(".pairing-code")
    assert not page.is_visible(".for-staff")
    assert not page.is_visible("#header")


def test_a_warning_sign_is_closed_from_the_worklist_in_three_steps(
    live_server: LiveServer, busy: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page()

    page.click(".work-tasks tr.urgent th a")
    page.select_option(".task.urgent select[name=came_of_it]", "seen")
    page.fill(".task.urgent input[name=outcome]", "Called; seen at two.")
    page.click(".task.urgent button")

    page.wait_for_selector("text=Closed: Warning sign reported.")
    page.wait_for_load_state()
    expect(page.locator(".task.urgent")).to_have_count(0)


def test_an_answer_is_written_down_by_keyboard_and_mouse_alone(
    live_server: LiveServer, busy: StimulationTrial, open_page: OpenPage
) -> None:
    page = open_page(width=390)
    page.goto(f"{live_server.url}{TRIALS}{busy.pk}/change/")

    page.select_option("#question", "goal_activity")
    page.click("text=Write it down")
    page.check("text=Most of it")
    page.fill("[name=reason]", "told on the phone")
    page.click("button:has-text('Write it down')")

    page.wait_for_selector("text=Own goal, Most of it")
