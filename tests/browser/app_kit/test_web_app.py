"""Our own app passes the kit that any maker of an app is given: each synthetic patient, in a Chromium."""

import sys
from pathlib import Path

import pytest

from kit import scenario
from kit.command import Player
from kit.control import Control
from kit.report import details
from kit.results import PASSED
from kit.sandbox import Sandbox
from tests.app_kit.conftest import KIT

DRIVER = (sys.executable, str(KIT / "drivers" / "web_app.py"))
PATIENTS = sorted(path.stem for path in (KIT / "scenarios").glob("*.json"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PATIENTS)
def test_our_app_passes(name: str, sandbox: Sandbox, control: Control, tmp_path: Path) -> None:
    player = Player(server=sandbox.url, control=control, command=DRIVER, folder=tmp_path)

    result = player.play(scenario.read(KIT / "scenarios" / f"{name}.json"))

    assert result.outcome == PASSED, "\n".join(details([result]))
