"""What stands ready when a scenario begins, and what does not."""

import sys
from pathlib import Path

from kit import scenario
from kit.command import Player
from kit.control import Control
from kit.results import PASSED
from kit.sandbox import Sandbox
from tests.app_kit.conftest import KIT

REFERENCE = (sys.executable, str(KIT / "drivers" / "reference.py"))


def test_a_kept_folder_does_not_give_the_next_run_an_old_phone(
    sandbox: Sandbox, control: Control, tmp_path: Path
) -> None:
    player = Player(server=sandbox.url, control=control, command=REFERENCE, folder=tmp_path)
    revoked = scenario.read(KIT / "scenarios" / "revoked.json")

    first, second = player.play(revoked), player.play(revoked)

    # The first run leaves an answer that waits on the phone; the second would have it twice.
    assert (first.outcome, second.outcome) == (PASSED, PASSED), second.as_json()
