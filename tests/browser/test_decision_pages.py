"""From the evidence to a signature in a real browser: second factor, a refusal, the record, the packet."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.factors import code_at
from apps.accounts.models import User
from apps.outcomes.models import Signature
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD

FACTOR = "/staff/second-factor/"


@pytest.fixture
def address(story: StimulationTrial, clinician: User, live_server: LiveServer) -> str:
    return f"{live_server.url}/staff/trials/stimulationtrial/{story.pk}/change/"


def set_up_factor(page: Page, server: LiveServer) -> str:
    page.goto(server.url + FACTOR)
    secret = page.locator("p", has_text="Key:").locator("code").inner_text()
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=code]", code_at(secret, datetime.now(UTC)))
    page.get_by_role("button", name="Set up", exact=True).click()
    expect(page.locator("body")).to_contain_text("It is set up.")
    return secret


def sign(page: Page, address: str, *, user: User, code: str) -> None:
    page.goto(address)
    panel = page.locator("section.decide")
    panel.locator("select[name=choice]").select_option("implant")
    # The verdict cannot be evaluated, so any decision goes against it.
    panel.locator("select[name=reason_code]").select_option("patient_wish")
    panel.locator("textarea[name=reason]").fill("Asked for by the patient twice")
    panel.locator("input[name=username]").fill(user.username)
    panel.locator("input[name=password]").fill(PASSWORD)
    panel.locator("input[name=code]").fill(code)
    panel.get_by_role("button", name="Decide and sign").click()


def test_a_clinician_signs_and_every_page_on_the_way_keeps_the_rules(
    live_server: LiveServer, address: str, clinician: User, blank_page: OpenPage
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, clinician)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}, {fault}" for fault in faults(page, violations=violations))

    page.goto(address)
    look("to be decided")
    sign(page, address, user=clinician, code="000000")
    expect(page.locator("h1")).to_have_text("Nothing was signed")
    look("refused")
    page.goto(live_server.url + FACTOR)
    look("second factor")
    set_up_factor(page, live_server)
    look("recovery codes")
    code = page.locator(".recovery code").first.inner_text()
    sign(page, address, user=clinician, code=code)
    expect(page.locator(".decide .verdict")).to_contain_text("Implant")
    look("decided")
    page.click("text=Signed record and downloads")
    expect(page).to_have_url(re.compile("/decision/"))
    look("record")
    packet = page.request.get(f"{address.removesuffix('change/')}decision/packet.pdf")

    assert not found, "\n".join(found)
    assert packet.body().startswith(b"%PDF")
    assert Signature.objects.get().signer == clinician
    assert StimulationTrial.objects.get(phase=Phase.DECIDED.value)


def test_a_coordinator_sees_the_evidence_and_no_way_to_sign(
    live_server: LiveServer, address: str, open_page: OpenPage
) -> None:
    page = open_page()

    page.goto(address)

    expect(page.locator("section.decide")).to_contain_text("A clinician of this clinic decides and signs.")
    assert page.get_by_role("button", name="Decide and sign").count() == 0
