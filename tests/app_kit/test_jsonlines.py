"""A driver may hang, die, or talk nonsense; the kit says which, and goes on."""

import sys
import time
from pathlib import Path

import pytest

from drivers.serving import reply_of
from kit.driver import CannotDo, Driver
from kit.jsonlines import JsonLines, ProcessFailed

HELLO = '{"ok": true, "name": "Made up", "version": "1"}'


def driver(folder: Path, *replies: str, code: str = "") -> Driver:
    """A driver that gives these replies, one a line, whatever it is asked; then runs `code`."""
    lines = "; ".join(f"input(); print({reply!r}, flush=True)" for reply in (HELLO, *replies))
    command = (sys.executable, "-c", f"import sys, time; {lines}; input(); {code or 'pass'}")
    return Driver(command, folder=folder, log=folder / "log")


def test_a_reply_is_what_the_driver_said(tmp_path: Path) -> None:
    phone = driver(tmp_path, '{"ok": true, "paired": false}')

    assert phone.about["name"] == "Made up"
    assert phone.ask("pair", code="K7QM-2WXD")["paired"] is False
    phone.stop()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ('{"ok": false, "error": "no such button"}', "could not sync: no such button"),
        ("hello?", "no JSON"),
        ("[]", "no object"),
        ("{}", "could not sync"),
    ],
)
def test_a_refusal_and_nonsense_are_failures_with_their_words(reply: str, said: str, tmp_path: Path) -> None:
    phone = driver(tmp_path, reply)

    with pytest.raises(ProcessFailed, match=said):
        phone.ask("sync")
    phone.stop()


def test_what_an_app_does_not_have_is_not_a_failure(tmp_path: Path) -> None:
    phone = driver(tmp_path, '{"ok": false, "unsupported": true}')

    with pytest.raises(CannotDo, match="does not support withdraw"):
        phone.ask("withdraw")
    phone.stop()


def test_a_driver_that_dies_is_quoted_and_asked_in_vain_a_second_time(tmp_path: Path) -> None:
    phone = driver(tmp_path, code="sys.exit('the emulator is gone')")

    for _ in range(2):
        with pytest.raises(ProcessFailed, match="the emulator is gone"):
            phone.ask("sync")
    phone.stop()


def test_a_driver_that_hangs_is_waited_for_and_then_ended(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import time; input(); time.sleep(600)")
    lines = JsonLines(command, log=tmp_path / "log", folder=tmp_path)
    begun = time.monotonic()

    with pytest.raises(ProcessFailed, match=r"did not reply to sync within 0 s"):
        lines.ask({"do": "sync"}, within=0.2)
    lines.close(patience=0.2)

    assert time.monotonic() - begun < 30


def test_the_loop_for_drivers_answers_for_a_hand_that_slips() -> None:
    def slip() -> None:
        raise ValueError("no such button")

    assert reply_of(slip, {}) == {"ok": False, "error": "ValueError: no such button"}
    assert reply_of(lambda now: {"seen": now}, {"now": "x"}) == {"ok": True, "seen": "x"}
