"""One command, out of the box: a sandbox of its own, the reference phone, a green report."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kit import VERSION, golden, scenario
from kit.sandbox import Sandbox
from tests.app_kit.conftest import KIT, ROOT

COMMAND = (sys.executable, str(KIT))


def run(
    *arguments: str, folder: Path = ROOT, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [*COMMAND, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


@pytest.mark.timeout(600)
def test_the_reference_phone_passes_every_scenario_and_every_golden_reply(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    ended = run("--report", str(report), folder=tmp_path)

    found = json.loads(report.read_text(encoding="utf-8"))
    not_passed = [result for result in found["results"] if result["outcome"] != "passed"]
    names = [one.name for one in golden.load(KIT / "golden")]
    names += [one.name for one in scenario.load(KIT / "scenarios")]
    assert not_passed == [], ended.stdout
    assert ended.returncode == 0
    assert [result["name"] for result in found["results"]] == names
    assert (found["passed"], found["kit_version"]) == (True, VERSION)
    assert found["app"] == {"name": "reference phone", "version": "1.0.0"}
    assert found["server"]["api_version"].startswith("1.")
    assert "PASSED: reference phone 1.0.0" in ended.stdout


def test_the_shell_command_is_that_program() -> None:
    ended = subprocess.run(
        [ROOT / "bin" / "app-kit", "--list"], capture_output=True, text=True, check=False, cwd="/"
    )

    assert ended.returncode == 0, ended.stderr
    assert "traveller" in ended.stdout
    assert "pain_score" in ended.stdout


@pytest.mark.usefixtures("control")
def test_a_sandbox_that_runs_already_will_do(sandbox: Sandbox) -> None:
    desk = f"{sys.executable} manage.py sandbox"
    arguments = ("--server", sandbox.url, "--control", desk, "amended", "pain_score")

    ended = run(*arguments, environment=sandbox.environment)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Starting a sandbox" not in ended.stdout
    assert "2 passed" in ended.stdout


def test_a_server_needs_a_way_to_its_record() -> None:
    ended = run("--server", "http://127.0.0.1:1")

    assert ended.returncode == 2
    assert "--server and --control go together" in ended.stderr


def test_a_name_that_there_is_not_passes_nothing() -> None:
    ended = run("no_such_scenario")

    assert ended.returncode == 2
    assert "no_such_scenario" in ended.stderr


def test_the_kit_is_standard_library_and_the_sandbox_alone_is_ours() -> None:
    """Whoever makes an app can read and copy it without installing anything."""
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import drivers.reference, kit.golden, kit.play, kit.report"
    )
    ended = subprocess.run(
        # Neither the environment's packages nor the checkout are on the path.
        [sys.executable, "-I", "-S", "-c", code, str(KIT)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )

    assert ended.stderr == ""
