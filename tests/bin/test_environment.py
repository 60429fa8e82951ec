"""The environment that bin/demo and bin/test make for themselves: its decisions, without a download."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "bin"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """bin/ is no package: it runs before anything can be imported by name."""
    monkeypatch.syspath_prepend(str(BIN))
    import environment

    yield environment
    for name in ("environment", "installer"):
        sys.modules.pop(name, None)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("requirements-embedded.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("some-package==1.0 \\\n    --hash=sha256:00\n")
    return tmp_path


def make_ready(environment: ModuleType, checkout: Path, kind: str) -> Path:
    chosen = environment.KINDS[kind]
    folder: Path = chosen.folder(checkout)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    key = environment.environment_key((checkout / chosen.lock).read_bytes(), folder)
    (folder / ".ready").write_text(key)
    return folder


def test_the_key_follows_the_lock_and_the_folder(environment: ModuleType, tmp_path: Path) -> None:
    keys = {
        environment.environment_key(b"lock", tmp_path),
        environment.environment_key(b"another lock", tmp_path),
        environment.environment_key(b"lock", tmp_path / "moved"),
    }

    assert len(keys) == 3
    assert environment.environment_key(b"lock", tmp_path) in keys


def test_a_finished_environment_is_used_as_it_is(environment: ModuleType, checkout: Path) -> None:
    folder = make_ready(environment, checkout, "demo")

    assert environment.prepare(environment.KINDS["demo"], checkout) == folder / "bin" / "python"


def test_the_test_environment_serves_the_demo_too(environment: ModuleType, checkout: Path) -> None:
    folder = make_ready(environment, checkout, "test")

    assert environment.prepare(environment.KINDS["demo"], checkout) == folder / "bin" / "python"
    assert not (checkout / ".venv-demo").exists()


@pytest.mark.parametrize("damage", ["no marker", "no python", "another lock"])
def test_half_an_environment_is_made_again(
    environment: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folder = make_ready(environment, checkout, "demo")
    if damage == "no marker":
        (folder / ".ready").unlink()
    elif damage == "no python":
        (folder / "bin" / "python").unlink()
    else:
        (checkout / "requirements-embedded.txt").write_text("some-package==2.0 \\\n    --hash=sha256:00\n")
    made = []
    monkeypatch.setattr(environment, "install", lambda folder, lock: made.append((folder, lock)))

    environment.prepare(environment.KINDS["demo"], checkout)

    assert made == [(folder, checkout / "requirements-embedded.txt")]


def test_an_interrupted_installation_leaves_no_marker(
    environment: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(folder: Path, lock: Path) -> None:
        folder.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "install", interrupted)

    with pytest.raises(KeyboardInterrupt):
        environment.prepare(environment.KINDS["demo"], checkout)

    assert not (checkout / ".venv-demo" / ".ready").exists()


def test_too_small_a_disk_is_named_before_the_download(
    environment: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=100 * environment.MEGABYTE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    with pytest.raises(environment.CannotPrepare, match=r"100 MB free; this takes about \d+ MB"):
        environment.prepare(environment.KINDS["demo"], checkout)


def run_stub(*path: Path, python: str = "", home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": ":".join(map(str, path)), "HOME": str(home), "PYTHON": python}
    return subprocess.run(
        ["/bin/sh", str(BIN / "demo"), "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def fake_python(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def path_of(tmp_path: Path, *tools: str) -> Path:
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in tools:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    return folder


def test_an_old_python_is_named_with_what_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path / "old", "python3", 'case "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac')

    answer = run_stub(tmp_path / "old", path_of(tmp_path, "dirname"), home=tmp_path)

    assert answer.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13 (found: Python 3.9.2)" in answer.stderr


def test_no_python_at_all_is_told_by_the_shell(tmp_path: Path) -> None:
    answer = run_stub(path_of(tmp_path, "dirname"), home=tmp_path)

    assert answer.returncode == 1
    assert "no python3 on the PATH" in answer.stderr


def test_a_python_without_venv_is_told_apart(tmp_path: Path) -> None:
    fake_python(tmp_path / "bare", "python3", 'case "$2" in *ensurepip*) exit 1;; esac')

    answer = run_stub(tmp_path / "bare", path_of(tmp_path, "dirname"), home=tmp_path)

    assert answer.returncode == 1
    assert "apt install python3-venv" in answer.stderr


def test_the_python_that_is_named_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path / "mine", "special", 'case "$1" in -c) exit 0;; esac; echo "ran $*"')

    answer = run_stub(path_of(tmp_path, "dirname"), python=str(tmp_path / "mine" / "special"), home=tmp_path)

    assert answer.stdout == "ran bin/environment.py demo -m config.demo --help\n"


def test_a_checkout_of_somebody_else_is_told_without_a_traceback(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".venv-demo.lock")

    monkeypatch.setattr(environment, "prepare", refused)

    with pytest.raises(SystemExit, match=r"Permission denied [^$]* must belong to who runs this"):
        environment.prepare_or_explain(environment.KINDS["demo"])
