"""A slow network makes people tap again. It must never count as a second try."""

from playwright.sync_api import Route, expect

from apps.diary.models import PairingCode, PatientDevice
from apps.trials.models import StimulationTrial
from tests.browser.app.conftest import MakePhone, invite


def test_a_second_tap_on_join_while_the_first_is_on_its_way_does_nothing(
    make_phone: MakePhone, trial: StimulationTrial
) -> None:
    phone = make_phone()
    phone.open(invite(trial)[1])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    phone.page.route("**/api/v1/pairing", hold)

    for _ in range(2):
        # As a finger does: it does not wait until a button is ready for it.
        phone.page.evaluate("document.querySelector('.primary').click()")
        phone.page.wait_for_timeout(100)
    for route in held:
        route.continue_()

    expect(phone.heading).to_have_text("Before you start")
    assert len(held) == 1
    assert PatientDevice.objects.filter(trial=trial).count() == 1
    assert PairingCode.objects.get(trial=trial).tries == 0
