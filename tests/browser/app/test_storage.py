"""A phone without storage, or without room: the patient is told in plain words, and no answer is lost."""

from playwright.sync_api import expect

from apps.accounts.models import Clinic
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import Gate, MakePhone, invite, join

FULL_ON_DEMAND = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...what) {
  if (globalThis.isFull) throw new DOMException("full", "QuotaExceededError");
  return put.apply(this, what);
};
"""


def test_without_any_the_patient_is_told_at_the_start(make_phone: MakePhone, trial: StimulationTrial) -> None:
    phone = make_phone()
    phone.page.add_init_script(
        "delete globalThis.indexedDB; Object.defineProperty(globalThis, 'indexedDB', {})"
    )

    phone.open()

    expect(phone.heading).to_have_text("This phone cannot keep your answers")
    phone.sees("please call your clinic")


def test_a_full_phone_says_so_at_once_and_goes_on_when_there_is_space(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    devtools = phone.context.new_cdp_session(phone.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.url, "quotaSize": 1})
    phone.open()
    phone.page.fill("#code", invite(trial)[0])
    phone.tap("Join")
    expect(phone.heading).to_have_text("This phone cannot keep your answers")

    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.url})
    phone.tap("Try again")

    expect(phone.heading).to_have_text("Before you start")


def test_full_in_the_middle_of_an_answer_the_answer_waits(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    """The quota of a browser is a cached guess, so the moment of the refusal is set by hand."""
    phone = make_phone()
    phone.page.add_init_script(FULL_ON_DEMAND)
    join(phone, trial)
    phone.start()
    phone.page.evaluate("globalThis.isFull = true")
    phone.choose(4)
    expect(phone.heading).to_have_text("This phone cannot keep your answers")
    phone.page.evaluate("globalThis.isFull = false")

    phone.tap("Try again")

    expect(phone.page.locator("input:checked")).to_have_value("4")
    phone.answer_pain_only(4)
    phone.save()


def test_full_for_an_answer_and_for_what_comes_by_itself_the_answer_is_kept(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    """A newer plan that cannot be kept either comes after the answer, and does not take its place."""
    phone = make_phone()
    phone.page.add_init_script(FULL_ON_DEMAND)
    join(phone, trial)
    phone.start()
    gate = Gate(phone, "**/api/v1/diary/today*")
    phone.page.evaluate("globalThis.isFull = true")
    phone.choose(4)
    expect(phone.heading).to_have_text("This phone cannot keep your answers")
    phone.page.evaluate("window.dispatchEvent(new Event('online'))")
    phone.until(lambda: gate.held)
    Clinic.objects.update(phone="+49 30 000")
    with phone.page.expect_response("**/api/v1/diary/today*") as told:
        gate.open()
    assert told.value.status == 200
    phone.page.wait_for_timeout(300)
    phone.page.evaluate("globalThis.isFull = false")

    phone.tap("Try again")

    expect(phone.page.locator("input:checked")).to_have_value("4")
    (run,) = phone.kept("runs")
    assert list(run["answers"].values()) == [4]


def test_full_while_its_settings_come_back_the_patient_is_not_disturbed(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    phone.page.add_init_script(FULL_ON_DEMAND)
    gate = Gate(phone, "**/api/v1/device")
    join(phone, trial)
    phone.until(lambda: gate.held)
    # The plan that follows the consent is kept before the phone is full.
    phone.page.evaluate("navigator.locks.request('diary-outbox', () => {})")
    phone.page.evaluate("globalThis.isFull = true")
    with phone.page.expect_response("**/api/v1/device"):
        gate.open()
    # Whoever comes next has the lock once this one has ended, well or not.
    phone.page.evaluate("navigator.locks.request('diary-device', () => {})")
    phone.page.evaluate("globalThis.isFull = false")

    phone.start()
    phone.answer_pain_only(4)
    phone.save()
