"""One PostgreSQL server, really started."""

import os
import socket
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from config.embedded.errors import EmbeddedError
from config.embedded.identity import AS_NOBODY, DIRECT, UNSHARED, Identity, can_run
from config.embedded.postgres import Postgres

IDENTITIES = (UNSHARED, AS_NOBODY) if os.geteuid() == 0 else (DIRECT,)


def ask(server: Postgres, query: str) -> object:
    with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}", autocommit=True) as connection:
        row = connection.execute(query).fetchone()
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


def test_its_log_names_a_fault_and_never_the_row(folder: Path) -> None:
    server = postgres_in(folder, durable=False)
    server.start()
    try:
        with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}") as connection:
            connection.execute("CREATE TABLE said (score int CHECK (score <= 10), note text)")
            with pytest.raises(psycopg.errors.CheckViolation, match="said-in-confidence"):
                connection.execute("INSERT INTO said VALUES (11, 'said-in-confidence')")
    finally:
        server.stop()

    log = server.log.read_text()
    assert 'violates check constraint "said_score_check"' in log
    assert "said-in-confidence" not in log


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


def test_it_recovers_after_the_power_went(folder: Path) -> None:
    server = postgres_in(folder)
    server.start()
    with psycopg.connect(f"dbname=sctrial user=sctrial host={server.sockets}") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    assert server.process
    server.process.kill()
    server.process.wait()

    again = postgres_in(folder)
    deadline = time.monotonic() + 60
    while True:
        # The killed server's own children hold the memory for a moment longer.
        try:
            again.start()
            break
        except EmbeddedError:
            assert time.monotonic() < deadline

    assert ask(again, "SELECT value FROM kept") == 7
    again.stop()


def test_it_adopts_no_server_that_was_killed_though_its_socket_still_listens(folder: Path) -> None:
    killed = subprocess.Popen(["sleep", "60"])
    killed.kill()
    killed.wait()
    (folder / "postgres").mkdir()
    lines = [str(killed.pid), str(folder / "postgres"), "0", "5432", str(folder), "", "", "ready"]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(lines))

    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(folder / ".s.PGSQL.5432"))
        held.listen()
        assert not postgres_in(folder).adopt()


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
