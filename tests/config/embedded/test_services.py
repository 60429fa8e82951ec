"""Our servers, really started: what the demo and every other test stand on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded.errors import EmbeddedError
from config.embedded.folders import temporary_folder
from config.embedded.guard import Guard, is_running
from config.embedded.identity import AS_NOBODY, DIRECT, UNSHARED, Identity, can_run
from config.embedded.postgres import Postgres
from config.embedded.services import Services
from config.embedded.valkey import Valkey, ping

ROOT = Path(__file__).resolve().parents[3]
IDENTITIES = (UNSHARED, AS_NOBODY) if os.geteuid() == 0 else (DIRECT,)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    # Not tmp_path: its folders are closed to the user that PostgreSQL may have to run as.
    services = Services.temporary()
    assert services.scratch
    yield services.scratch
    services.stop()


def ask(server: Postgres, query: str) -> object:
    with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}", autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def postgres_in(folder: Path, *, durable: bool = True, identity: Identity | None = None) -> Postgres:
    return Postgres(
        data=folder / "postgres",
        sockets=folder / "sockets",
        log=folder / "logs" / "postgres.log",
        durable=durable,
        identity=identity,
    )


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: identity.name)
def test_it_makes_a_durable_database_keeps_it_and_stops(folder: Path, identity: Identity) -> None:
    server = postgres_in(folder, identity=identity)
    if not can_run(identity, server.binaries):
        pytest.skip(f"{identity.name} does not work on this machine")

    server.start()
    try:
        assert ask(server, "SHOW fsync") == "on"
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SHOW server_encoding") == "UTF8"
        with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}") as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    finally:
        server.stop()
    assert not (folder / "postgres" / "postmaster.pid").exists()

    server.start()
    try:
        assert ask(server, "SELECT value FROM kept") == 7
    finally:
        server.stop()


def test_it_uses_a_live_server_and_leaves_it_running(folder: Path) -> None:
    first = postgres_in(folder, durable=False)
    first.start()
    second = postgres_in(folder, durable=False)

    second.start()
    assert second.process is None
    assert second.found_pid == first.process.pid if first.process else False
    assert ask(second, "SELECT 1") == 1
    second.stop()

    assert ask(first, "SELECT 1") == 1
    first.stop()


def test_it_stops_a_left_over_server_when_told_that_nobody_else_uses_the_folder(folder: Path) -> None:
    services = Services.persistent(folder)
    left_over = Services.persistent(folder)
    left_over.start()
    assert left_over.postgres
    assert left_over.valkey
    processes = [left_over.postgres.process, left_over.valkey.process]

    services.take_over()
    services.stop_found()

    assert [process.wait(timeout=10) is not None for process in processes if process] == [True, True]


def test_it_recovers_after_the_power_went(folder: Path) -> None:
    server = postgres_in(folder)
    server.start()
    with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    assert server.process
    server.process.kill()
    server.process.wait()

    again = postgres_in(folder)
    deadline = time.monotonic() + 20
    while True:
        # The killed server's own children hold the memory for a moment longer.
        try:
            again.start()
            break
        except EmbeddedError:
            assert time.monotonic() < deadline

    assert ask(again, "SELECT value FROM kept") == 7
    again.stop()


def test_it_names_both_releases_when_the_data_are_of_another(folder: Path) -> None:
    data = folder / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")

    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 9;.* is \d\d") as caught:
        postgres_in(folder).start()

    assert "--fresh" in caught.value.remedy


def test_it_shows_the_end_of_the_log_when_a_server_does_not_start(folder: Path) -> None:
    server = postgres_in(folder, durable=False)
    server.start()
    server.stop()
    (folder / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedError, match="no_such_setting"):
        server.start()

    assert server.process is None


def test_it_takes_no_half_made_database_for_a_whole_one(folder: Path) -> None:
    half = folder / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = postgres_in(folder, durable=False)

    server.start()

    assert ask(server, "SELECT 1") == 1
    assert not half.exists()
    server.stop()


def test_it_is_not_led_astray_by_the_callers_variables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("LC_ALL", "xx_XX")
    server = postgres_in(folder, durable=False)

    server.start()

    assert (folder / "sockets" / ".s.PGSQL.5432").is_socket()
    server.stop()


def test_a_killed_valkey_comes_back_empty_on_the_same_socket(folder: Path) -> None:
    server = Valkey(
        data=folder / "valkey", sockets=folder / "sockets", log=folder / "logs" / "valkey.log", durable=False
    )
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        client.set("doorbell", "1")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    server.kill()
    assert not ping(server.socket_path)
    server.start()

    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        assert client.get("doorbell") is None
    server.stop()


def test_a_durable_valkey_keeps_what_it_took(folder: Path) -> None:
    server = Valkey(
        data=folder / "valkey", sockets=folder / "sockets", log=folder / "logs" / "valkey.log", durable=True
    )
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        client.set("doorbell", "1")
    server.stop()

    server.start()

    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        assert client.get("doorbell") == b"1"
    server.stop()


def test_nothing_survives_a_kill_of_the_process_that_started_them() -> None:
    program = """
import sys, time
from config.embedded.guard import Guard
from config.embedded.services import Services
services = Services.temporary(guard=Guard())
services.start()
print(services.scratch, services.postgres.process.pid, services.valkey.process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout
        scratch, *pids = victim.stdout.readline().split()
        victim.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 20
    while any(is_running(int(pid)) for pid in pids) or Path(scratch).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_failed_start_of_one_stops_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCTRIAL_VALKEY_SERVER", "/bin/false")
    services = Services.temporary()

    with pytest.raises(EmbeddedError, match="Valkey did not start"):
        services.start()

    assert services.postgres
    assert services.postgres.process is None
    assert services.scratch
    assert not services.scratch.exists()


def test_the_guard_leaves_alone_what_was_stopped_in_order() -> None:
    guard = Guard()
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as process:
        guard.watch(process.pid, stop_signal=signal.SIGTERM)
        guard.forget(process.pid)

        guard.close()

        assert process.poll() is None
        process.kill()


def test_temporary_folders_are_private() -> None:
    folder = temporary_folder()

    assert folder.stat().st_mode & 0o777 == 0o700

    folder.rmdir()
