"""A patient of another clinic is here: opened in a real browser, read, not signed, ended."""

from datetime import UTC, datetime

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.factors import code_at
from apps.accounts.models import Clinic, EmergencyAccess, User
from apps.outcomes.models import Signature
from apps.trials.models import StimulationTrial
from tests.apps.workspace.emergency_room import switch_on
from tests.apps.workspace.test_sign_views import SECRET, set_up
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD


def test_a_clinician_of_another_clinic_opens_reads_cannot_sign_and_ends(
    story: StimulationTrial, clinic: Clinic, stranger: User, live_server: LiveServer, blank_page: OpenPage
) -> None:
    switch_on(clinic)
    set_up(stranger)
    address = f"{live_server.url}/staff/trials/stimulationtrial/{story.pk}/change/"
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, stranger)
    page.get_by_role("link", name="Emergency access").first.click()
    page.locator("select[name=clinic]").select_option(label=clinic.name)
    page.locator("select[name=reason_code]").select_option("patient_here")
    page.get_by_label("In words").fill("in our emergency room")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code of your second factor").fill(code_at(SECRET, datetime.now(UTC)))
    found = faults(page, violations=violations)
    page.get_by_role("button", name="Open the records").click()
    expect(page.locator("#content")).to_contain_text(f"The records of {clinic} are open to you until")
    found += faults(page, violations=violations)

    page.get_by_role("link", name="Their trials").click()
    page.get_by_role("link", name=story.patient.pseudonym).first.click()
    expect(page.locator(".emergency")).to_contain_text(f"you read the records of {clinic} until")
    expect(page.locator("h1")).to_contain_text(story.patient.pseudonym)
    expect(page.get_by_role("button", name="Decide and sign")).to_have_count(0)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    found += faults(page, violations=violations)

    page.get_by_role("button", name="End now").click()
    expect(page.locator("body")).to_contain_text("The emergency access has ended.")
    expect(page.locator(".emergency")).to_have_count(0)
    page.goto(address)
    expect(page.locator("body")).to_contain_text("Nothing here under this address")

    assert found == []
    assert EmergencyAccess.objects.get().ended_why == "reader"
    assert not Signature.objects.exists()
