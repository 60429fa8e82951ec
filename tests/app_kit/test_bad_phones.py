"""A kit that passes everything proves nothing: each planted fault is found, by the scenario made for it."""

import sys
from pathlib import Path

import pytest

from kit import scenario
from kit.command import Player
from kit.control import Control
from kit.hints import HINTS
from kit.results import FAILED
from kit.sandbox import Sandbox
from tests.app_kit.conftest import KIT

BAD_PHONES = Path(__file__).with_name("bad_phones.py")
#: The phone, the scenario that finds it out, and the first words of what it finds.
FAULTS = [
    ("NewIdEachTime", "replies_lost", {"still_refused"}),
    ("DayOfSending", "no_network_for_three_days", {"missing", "refused"}),
    ("TrustsItsClock", "clock_two_hours_fast", {"refused"}),
    ("OneZone", "traveller", {"refused", "missing"}),
    ("TrustsAny200", "hotel_wifi", {"missing", "phone_waiting"}),
    ("CannotWait", "server_busy", {"too_soon"}),
    ("SavesAfterSending", "killed_while_sending", {"missing"}),
    ("NewAttempt", "pairing_reply_lost", {"pairing"}),
    ("EditsInPlace", "amended", {"body_changed", "wrong_value"}),
    ("ForgetsRefused", "two_phones", {"lost_on_phone"}),
    ("SpeaksForThePatient", "caregiver", {"refused", "missing"}),
    ("EchoesTheUnknown", "fields_of_a_later_version", {"refused", "missing"}),
    ("FillsIn", "sent_twice", {"invented"}),
    ("HidesTheNumbers", "red_flag", {"not_shown", "shown"}),
    ("ForgetsBegunAt", "begun_in_time", {"missing"}),
    ("GivesUpAt401", "revoked", {"lost_on_phone"}),
]


@pytest.mark.parametrize(("phone", "name", "codes"), FAULTS)
def test_the_fault_is_found(
    phone: str, name: str, codes: set[str], sandbox: Sandbox, control: Control, tmp_path: Path
) -> None:
    command = (sys.executable, str(BAD_PHONES), phone)
    player = Player(server=sandbox.url, control=control, command=command, folder=tmp_path)

    result = player.play(scenario.read(KIT / "scenarios" / f"{name}.json"))

    found = {one.code for one in result.differences}
    assert result.outcome == FAILED
    assert codes <= found, result.as_json()
    assert found <= HINTS.keys(), "Each comes with what to do about it."
