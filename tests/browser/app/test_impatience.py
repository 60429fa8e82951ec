"""People tap again when the network is slow, and tap while the screen is drawn anew. Neither does harm."""

from playwright.sync_api import Route, expect

from apps.diary.models import PairingCode, PatientDevice
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import MakePhone, Phone, invite

CHANGED = "new BroadcastChannel('diary').postMessage('changed')"


def test_a_second_tap_on_join_while_the_first_is_on_its_way_does_nothing(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    phone.open(invite(trial)[1])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.page.route("**/api/v1/pairing", hold)

    # As a finger does: it does not wait until a button is ready for it.
    phone.page.evaluate("document.querySelector('.primary').click()")
    phone.until(lambda: held)
    phone.page.evaluate("document.querySelector('.primary').click()")
    held[0].continue_()

    expect(phone.heading).to_have_text("Before you start")
    assert len(held) == 1
    assert PatientDevice.objects.filter(trial=trial).count() == 1
    assert PairingCode.objects.get(trial=trial).tries == 0


def press(phone: Phone, selector: str) -> None:
    """A finger comes down, and stays for now. What was still under way before is over."""
    phone.all_sent()
    # Waits until it stands still: a screen that is drawn anew meanwhile has no box to be measured.
    phone.page.hover(selector)
    phone.page.mouse.down()


def test_a_screen_that_is_drawn_anew_under_a_finger_does_not_lose_the_tap(phone: Phone) -> None:
    press(phone, "[data-do=start]")
    phone.page.evaluate(CHANGED)
    phone.page.wait_for_timeout(300)

    phone.page.mouse.up()

    expect(phone.page.locator("[data-do=next]")).to_be_visible()


def test_what_waited_for_the_finger_is_drawn_when_it_is_lifted(phone: Phone) -> None:
    press(phone, "h1")
    # Marked under the finger: nothing draws it anew before it is lifted.
    phone.page.evaluate("document.querySelector('.card').classList.add('older')")
    phone.page.evaluate(CHANGED)
    phone.page.wait_for_timeout(300)
    expect(phone.page.locator(".older")).to_have_count(1)

    phone.page.mouse.up()

    expect(phone.page.locator(".older")).to_have_count(0)


def test_a_screen_that_is_drawn_anew_leaves_the_focus_where_it_was(phone: Phone) -> None:
    phone.page.focus("[data-do=start]")
    phone.page.evaluate("document.querySelector('.card').classList.add('older')")

    phone.page.evaluate(CHANGED)

    expect(phone.page.locator(".older")).to_have_count(0)
    expect(phone.page.locator("[data-do=start]")).to_be_focused()
