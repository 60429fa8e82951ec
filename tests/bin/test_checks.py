"""bin/check: what it runs, and that a failure is one."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BIN = Path(__file__).resolve().parents[2] / "bin"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("checks", BIN / "checks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_names_its_checks(checks: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.main(["--list"]) == 0

    named = capsys.readouterr().out.split()
    assert named == [
        "lint",
        "format",
        "types",
        "imports",
        "migrations",
        "deploy",
        "openapi",
        "api-changes",
    ]


def test_it_refuses_a_check_that_there_is_not(checks: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        checks.main(["lint", "spelling"])

    assert "no such check: spelling" in capsys.readouterr().err


def test_every_check_runs_and_each_failure_is_named(
    checks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []

    def check(name: str) -> Callable[..., bool]:
        def run(*, fix: bool) -> bool:
            ran.append(name)
            return name != "types"

        return run

    replaced = {name: check(name) for name in checks.CHECKS}
    monkeypatch.setattr(checks, "CHECKS", replaced)

    assert checks.run_checks(list(replaced), fix=False) == ["types"]
    assert ran == list(replaced)


def test_an_old_description_is_shown_with_the_remedy(
    checks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checks.report_difference("openapi: 3.1.1\n", "openapi: 3.1.1\n")
    assert not checks.report_difference("openapi: 3.1.1\n", "openapi: 3.2.0\n")

    shown = capsys.readouterr().out
    assert "+openapi: 3.2.0" in shown
    assert "bin/check --fix openapi" in shown
