"""The kit is a program of its own, below docs/; these tests import it as an app maker would read it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "docs" / "app-kit"
sys.path.insert(0, str(KIT))

from kit.control import Control  # noqa: E402  (the path above comes first)
from kit.sandbox import Sandbox, running  # noqa: E402


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One for all: each scenario brings its own trial."""
    with running(tmp_path_factory.mktemp("sandbox")) as box:
        yield box


@pytest.fixture(scope="session")
def control(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    log = tmp_path_factory.mktemp("control") / "control.log"
    desk = Control(sandbox.control, log=log, folder=sandbox.folder, environment=sandbox.environment)
    yield desk
    desk.close()
