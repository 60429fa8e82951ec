"""Where the executables are looked for, and what is said when they are nowhere."""

from pathlib import Path

import pytest

from config.embedded import binaries
from config.embedded.errors import EmbeddedError


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n")
    path.chmod(0o755)
    return path


def postgres_folder(folder: Path) -> Path:
    for name in ("initdb", "postgres"):
        executable(folder / name)
    return folder


@pytest.fixture
def _no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel_folder", lambda _: None)


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = postgres_folder(tmp_path / "mine")
    monkeypatch.setenv(binaries.POSTGRES_VARIABLE, str(folder))

    assert binaries.find_postgres() == folder
    assert binaries.postgres_major(folder) == 17


def test_a_variable_that_leads_nowhere_is_an_error_not_a_guess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(binaries.POSTGRES_VARIABLE, str(tmp_path))

    with pytest.raises(EmbeddedError, match=str(tmp_path)):
        binaries.find_postgres()


@pytest.mark.usefixtures("_no_wheels")
def test_the_newest_usable_system_release_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for release in ("9.6", "13", "15", "9", "16"):
        postgres_folder(tmp_path / release / "bin")
    monkeypatch.delenv(binaries.POSTGRES_VARIABLE, raising=False)
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", tmp_path)

    assert binaries.find_postgres() == tmp_path / "16" / "bin"


@pytest.mark.usefixtures("_no_wheels")
def test_missing_servers_are_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(binaries.POSTGRES_VARIABLE, raising=False)
    monkeypatch.delenv(binaries.VALKEY_VARIABLE, raising=False)
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EmbeddedError, match="No PostgreSQL server was found") as postgres:
        binaries.find_postgres()
    with pytest.raises(EmbeddedError, match="No Valkey or Redis server was found") as valkey:
        binaries.find_valkey()

    assert "DATABASE_URL" in postgres.value.remedy
    assert "REDIS_URL" in valkey.value.remedy


@pytest.mark.usefixtures("_no_wheels")
def test_a_system_redis_serves_where_there_is_no_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(binaries.VALKEY_VARIABLE, raising=False)
    server = executable(tmp_path / "redis-server")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert binaries.find_valkey() == server


def test_an_executable_for_another_machine_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "postgres"
    broken.write_text("#!/bin/sh\necho 'cannot execute' >&2; exit 1\n")
    broken.chmod(0o755)

    with pytest.raises(EmbeddedError, match="does not run on this machine: cannot execute"):
        binaries.postgres_major(tmp_path)
