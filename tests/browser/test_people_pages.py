"""A site admin adds somebody in a real browser, who sets a password, signs in, and leaves one day."""

from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from apps.accounts.models import FORMER, Clinic, StaffMembership, User
from tests.browser.conftest import log_in
from tests.browser.looking import OpenPage, faults
from tests.factories.staff import PASSWORD


def test_somebody_is_added_sets_a_password_signs_in_gets_another_role_and_leaves(
    transactional_db: None,
    clinic: Clinic,
    site_admin: User,
    coordinator: User,
    live_server: LiveServer,
    blank_page: OpenPage,
) -> None:
    violations: list[str] = []
    page, theirs = blank_page(violations=violations), blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    page.get_by_role("link", name="People of the clinic").first.click()
    expect(page.locator("h1")).to_have_text("People of the clinic")
    found = faults(page, violations=violations)

    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("User name").fill("new.nurse")
    page.get_by_label("Given name").fill("New")
    page.get_by_label("Family name").fill("Nurse")
    page.get_by_label("E-mail address of the person").fill("new.nurse@clinic.example")
    page.get_by_label("Role").select_option("coordinator")
    page.get_by_label("Why").fill("starts in December")
    found += faults(page, violations=violations)
    page.get_by_role("button", name="Add the person").click()
    expect(page.locator("#link")).to_have_text("The link, shown this once")
    link = page.locator(".digest code").inner_text()
    found += faults(page, violations=violations)

    theirs.goto(live_server.url + link[link.index("/staff/") :])
    theirs.locator("#id_new_password1").fill(PASSWORD)
    theirs.locator("#id_new_password2").fill(PASSWORD)
    found += faults(theirs, violations=violations)
    theirs.get_by_role("button", name="Set the password").click()
    expect(theirs.locator("body")).to_contain_text("Your password is set. Sign in with it.")
    log_in(theirs, live_server, User.objects.get(username="new.nurse"))
    theirs.get_by_role("link", name="People of the clinic").first.click()
    expect(theirs.locator("#content tbody")).to_contain_text("New Nurse")
    found += faults(theirs, violations=violations)
    theirs.goto(live_server.url + link[link.index("/staff/") :])
    expect(theirs.locator("h1")).to_have_text("This link works no more")
    found += faults(theirs, violations=violations)

    page.get_by_role("link", name="To the people of the clinic").click()
    page.get_by_role("link", name="New Nurse").click()
    page.locator("#id_role").select_option("clinician")
    page.locator("#id_reason").fill("is a doctor now")
    page.get_by_role("button", name="Change the role").click()
    expect(page.locator(".messagelist")).to_contain_text("Changed.")
    theirs.goto(f"{live_server.url}/staff/people/")
    expect(theirs.locator("#id_username")).to_be_visible()
    page.locator("#end_reason").fill("left the clinic")
    page.get_by_role("button", name="End the membership").click()
    expect(page.locator("#role")).to_have_text("Bring back")
    found += faults(page, violations=violations)
    page.get_by_role("link", name="History").last.click()
    expect(page.locator("#content tbody")).to_contain_text("clinician")

    assert found == []
    assert StaffMembership.objects.get(user__username="new.nurse").role == FORMER


def test_the_settings_of_the_clinic_are_reached_from_its_people(
    transactional_db: None, clinic: Clinic, site_admin: User, live_server: LiveServer, blank_page: OpenPage
) -> None:
    violations: list[str] = []
    page = blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    page.goto(f"{live_server.url}/staff/people/")
    page.get_by_role("link", name="Settings of the clinic").click()
    page.locator("#id_zone").fill("Berlin")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".errorlist").last).to_contain_text("Berlin is no time zone.")
    found = faults(page, violations=violations)
    page.locator("#id_zone").fill("Europe/Vienna")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")

    clinic.refresh_from_db()
    assert (clinic.zone, found) == ("Europe/Vienna", [])


def test_somebody_of_another_clinic_is_offered_a_place_and_takes_it(
    transactional_db: None,
    clinic: Clinic,
    site_admin: User,
    stranger: User,
    live_server: LiveServer,
    blank_page: OpenPage,
) -> None:
    violations: list[str] = []
    page, theirs = blank_page(violations=violations), blank_page(violations=violations)
    log_in(page, live_server, site_admin)
    page.goto(f"{live_server.url}/staff/people/add/{clinic.pk}/")
    page.get_by_role("link", name="Offer a place").click()
    found = faults(page, violations=violations)
    page.get_by_label("User name of the person").fill(stranger.username)
    page.get_by_label("Role").select_option("clinician")
    page.get_by_label("Why").fill("operates here on Mondays")
    page.get_by_role("button", name="Make the link").click()
    expect(page.locator("#link")).to_have_text("The link, shown this once")
    link = page.locator(".digest code").inner_text()
    found += faults(page, violations=violations)

    log_in(theirs, live_server, stranger)
    theirs.goto(live_server.url + link[link.index("/staff/") :])
    expect(theirs.locator("#place")).to_have_text(str(clinic))
    found += faults(theirs, violations=violations)
    theirs.get_by_role("button", name="Take the place").click()
    expect(theirs.locator(".messagelist")).to_contain_text(f"You work in {clinic} now.")
    theirs.goto(live_server.url + link[link.index("/staff/") :])
    expect(theirs.locator("h1")).to_have_text("This link works no more")
    found += faults(theirs, violations=violations)

    assert stranger.memberships.get(clinic=clinic).role == "clinician"
    assert found == []
