"""A passkey in a real browser, from set-up to the signed decision: the device is Chromium's virtual one."""

from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.outcomes.models import Signature
from apps.trials.models import StimulationTrial
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD

PAGE = "/staff/second-factor/"
#: https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/#type-VirtualAuthenticatorOptions
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def plug_in(page: Page, **changed: object) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | changed})


def make(page: Page, address: str) -> None:
    page.goto(address + PAGE)
    form = page.locator("form", has=page.locator("input[name=name]"))
    form.locator("input[name=name]").fill("laptop")
    form.locator("input[name=password]").fill(PASSWORD)
    form.get_by_role("button", name="Go on").click()


def test_a_passkey_is_made_and_signs_a_decision(
    live_server: LiveServer,
    story: StimulationTrial,
    clinician: User,
    blank_page: OpenPage,
    settings: Settings,
) -> None:
    settings.PASSKEY_ORIGIN = live_server.url
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, clinician)
    plug_in(page)
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}, {fault}" for fault in faults(page, violations=violations))

    make(page, live_server.url)
    expect(page.get_by_role("button", name="Make the passkey")).to_be_visible()
    look("make")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".recovery code")).to_have_count(10)
    look("made")
    sign(page, f"{live_server.url}/staff/trials/stimulationtrial/{story.pk}/change/", user=clinician)
    expect(page.locator(".decide .verdict")).to_contain_text("Implant")
    page.goto(live_server.url + PAGE)
    expect(page.locator(".passkeys")).to_contain_text("last used")
    look("used")

    assert not found, "\n".join(found)
    assert Signature.objects.get().factors == ["password", "passkey"]


def sign(page: Page, address: str, *, user: User) -> None:
    page.goto(address)
    panel = page.locator("section.decide")
    panel.locator("select[name=choice]").select_option("implant")
    # The verdict cannot be evaluated, so any decision goes against it.
    panel.locator("select[name=reason_code]").select_option("patient_wish")
    panel.locator("textarea[name=reason]").fill("Asked for by the patient,\nand twice at that")
    panel.locator("input[name=username]").fill(user.username)
    panel.locator("input[name=password]").fill(PASSWORD)
    panel.get_by_role("button", name="Decide and sign with a passkey").click()


def test_without_a_passkey_and_with_a_device_that_refuses_the_page_says_what_helps(
    live_server: LiveServer,
    story: StimulationTrial,
    clinician: User,
    blank_page: OpenPage,
    settings: Settings,
) -> None:
    settings.PASSKEY_ORIGIN = live_server.url
    page = blank_page()
    log_in(page, live_server, clinician)
    plug_in(page, isUserVerified=False)

    sign(page, f"{live_server.url}/staff/trials/stimulationtrial/{story.pk}/change/", user=clinician)
    expect(page.locator("section.decide [role=status]").last).to_contain_text("You have no passkey.")
    make(page, live_server.url)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".passkey [role=status]")).to_contain_text("No passkey was made")

    assert not Signature.objects.exists()
