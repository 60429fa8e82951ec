"""Erasing an identity in a real browser: the policy, the widths, accessibility, and the whole way."""

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import User
from apps.patients.models import PatientIdentity
from apps.trials.models import StimulationTrial
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults


def test_an_identity_is_erased_and_each_page_keeps_the_rules(
    story: StimulationTrial, live_server: LiveServer, site_admin: User, blank_page: OpenPage
) -> None:
    PatientIdentity.objects.create(patient=story.patient, full_name="Made-up Max", phone="+49 171 5550123")
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    page.goto(f"{live_server.url}/staff/patients/patient/{story.patient_id}/change/")
    page.get_by_role("link", name="Erase identity").click()
    found = faults(page, violations=violations)

    page.get_by_label("Why").select_option("asked")
    page.get_by_label("In words").fill("letter of 9 October")
    page.get_by_label("Pseudonym of the patient").fill("another")
    page.get_by_role("button", name="Erase the identity for good").click()
    expect(page.locator("body")).to_contain_text("This is another patient: type")
    found += faults(page, violations=violations)
    page.get_by_label("Pseudonym of the patient").fill(story.patient.pseudonym)
    page.get_by_role("button", name="Erase the identity for good").click()
    expect(page.locator("#erased")).to_contain_text("Identity erased on")
    found += faults(page, violations=violations)
    page.get_by_role("link", name="To the patient").click()
    expect(page.locator("body")).to_contain_text("The patient asked for it")
    found += faults(page, violations=violations)

    assert found == []
