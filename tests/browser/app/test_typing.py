"""What a person typed or chose and has not saved is not thrown away by a redraw, nor by a restart."""

from playwright.sync_api import expect

from apps.diary.models import PatientDevice
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import Gate, MakePhone, Phone, invite, join

#: Whoever draws the screen anew takes the mark off.
MARK = "document.querySelector('.content').classList.add('older')"


def test_a_name_typed_before_the_clinics_settings_come_stays_and_is_kept(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    gate = Gate(phone, "**/api/v1/device")
    join(phone, trial)
    phone.menu("Settings")
    phone.page.fill("#label", "The blue one")
    phone.page.evaluate(MARK)
    phone.until(lambda: gate.held)

    gate.open()
    phone.until(lambda: "push_public_key" in str(phone.kept("state")))
    # Under the fingers that type nothing is drawn anew; afterwards it is.
    expect(phone.page.locator("#label")).to_be_focused()
    phone.page.locator("#label").blur()

    expect(phone.page.locator(".older")).to_have_count(0)
    expect(phone.page.locator("#label")).to_have_value("The blue one")
    phone.page.select_option("#language", "de")
    expect(phone.heading).to_have_text("Einstellen")
    expect(phone.page.locator("#label")).to_have_value("The blue one")


def test_a_setting_asked_for_while_another_is_on_its_way_is_told_too(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    gate = Gate(phone, "**/api/v1/device")
    join(phone, trial)
    phone.menu("Settings")
    phone.until(lambda: gate.held)
    phone.page.fill("#label", "The blue one")
    phone.tap("Keep the name")
    phone.until(lambda: "The blue one" in str(phone.kept("state")))

    gate.open()

    phone.until(lambda: PatientDevice.objects.get(trial=trial).label == "The blue one")


def test_a_code_stays_when_the_language_is_changed(make_phone: MakePhone, trial: StimulationTrial) -> None:
    phone = make_phone()
    phone.open()
    phone.page.fill("#code", invite(trial)[0])

    phone.page.select_option("#language", "es")
    expect(phone.page.locator("html")).to_have_attribute("lang", "es")
    phone.page.click(".primary")

    phone.page.wait_for_selector("#code", state="detached")
    assert trial.devices.get().language == "es"


def test_a_correction_half_written_is_still_there_after_a_restart(phone: Phone) -> None:
    phone.page.click("[data-do=late]")
    phone.answer_pain_only(8)
    phone.save()
    phone.menu("Tell the clinic an answer was wrong")
    phone.follow("How strong was your pain")
    phone.choose(1)
    phone.page.select_option("#proposed", "0")
    phone.page.fill("#correct-text", "It was Sunday.")
    phone.until(lambda: "It was Sunday." in str(phone.kept("runs")))

    phone.restart()
    phone.menu("Tell the clinic an answer was wrong")
    phone.follow("How strong was your pain")

    expect(phone.page.locator("#correct-text")).to_have_value("It was Sunday.")
    expect(phone.page.locator("#proposed")).to_have_value("0")
    phone.tap("Send")
    expect(phone.heading).to_have_text("Your answers are saved")
    phone.until(lambda: phone.kept("runs") == [])
