"""A Python client generated from openapi.yaml: typed, and good for a whole patient day."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from apps.trials.models import StimulationTrial
from tests.clients.patient_day import DESCRIPTION, assert_lived, live

HERE = Path(__file__).parent
PROGRAM = HERE / "live_a_day.py"
BIN = Path(sys.executable).parent
# Generating, compiling and living a day takes long on a busy machine.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that holds the package `sctrial_client`."""
    folder = tmp_path_factory.mktemp("python-client")
    command: list[str | Path] = [
        BIN / "openapi-python-client",
        "generate",
        *("--path", DESCRIPTION),
        *("--config", HERE / "generator.yaml"),
        *("--meta", "none"),
        *("--output-path", folder / "sctrial_client"),
        "--fail-on-warning",
    ]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_the_client_lives_a_whole_day(
    generated: Path, live_server: LiveServer, day: StimulationTrial
) -> None:
    env = {"PYTHONPATH": str(generated), "PATH": os.environ["PATH"]}

    seen = live([sys.executable, str(PROGRAM)], day, url=live_server.url, env=env)

    assert_lived(seen, day)


def test_the_program_uses_the_client_as_it_is_typed(generated: Path) -> None:
    """mypy in strict mode: what the contract calls a number is no text."""
    command: list[str | Path] = [
        BIN / "mypy",
        "--config-file=",
        "--strict",
        "--follow-imports=silent",
        "--no-incremental",
        PROGRAM,
    ]
    checked = subprocess.run(
        command,
        env={"MYPYPATH": str(generated), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
