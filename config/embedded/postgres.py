"""One PostgreSQL server on a unix socket: made once, started, found again, stopped by its recorded pid."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from config.embedded.binaries import find_postgres, postgres_major
from config.embedded.errors import EmbeddedError, tail
from config.embedded.guard import Guard, is_running, stop_child, stop_process
from config.embedded.identity import Identity, choose_identity, require_open_path

USER = DATABASE = "sctrial"
# After a power cut the server replays its journal before it is ready.
PATIENCE = 60.0
# initdb made these data for one machine: the port only names the socket file.
PORT = 5432
# postmaster.pid: 1 pid, 2 data, 3 start, 4 port, 5 socket folder, 6 address, 7 memory, and the server's own
# word on its state, which pg_ctl waits for too.
STATUS_LINE = 8
# A refused statement holds what it would have written: its log line names the fault, never the row.
DISCREET = ("log_min_error_statement=panic", "log_error_verbosity=terse")
THROWAWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(kw_only=True)
class Postgres:
    """A server over `data`. `durable` data survive a power cut; throw-away data are for tests."""

    name: ClassVar[str] = "PostgreSQL"
    data: Path
    sockets: Path
    log: Path
    durable: bool
    guard: Guard | None = None
    identity: Identity | None = None
    process: subprocess.Popen[bytes] | None = None
    # A live server found over these data: somebody else's, unless the caller knows that there is nobody else.
    found_pid: int | None = None
    stops_found: bool = False

    @cached_property
    def binaries(self) -> Path:
        return find_postgres()

    @property
    def url(self) -> str:
        return self.url_as(USER)

    def url_as(self, role: str) -> str:
        return f"postgres:///{DATABASE}?host={quote(str(self.sockets))}&user={role}"

    def start(self) -> None:
        """Make the data if there are none; start the server, or take the one that serves them already."""
        if (self.data / "PG_VERSION").exists():
            self._require_same_major()
            if self.adopt():
                return
        identity = self.identity or choose_identity(self.binaries)
        if not (self.data / "PG_VERSION").exists():
            self._create(identity)
        identity.give(self.sockets)
        self.process = self._popen(identity, self._server_command())
        if self.guard:
            self.guard.watch(self.process.pid, stop_signal=signal.SIGINT)
        self._wait_until_ready(self.process)

    def stop(self) -> None:
        """A fast shutdown of the server that we started, or that we found and may stop."""
        if self.process:
            stop_child(self.process, signal.SIGINT)
            if self.guard:
                self.guard.forget(self.process.pid)
        elif self.found_pid and self.stops_found:
            stop_process(self.found_pid, signal.SIGINT)
        self.process = self.found_pid = None

    def adopt(self) -> bool:
        """Whether a live server holds these data already; it is used as it is."""
        lines = self._pid_file_lines()
        # A child of a killed server may hold its socket for a moment longer, and answer nobody.
        if len(lines) < STATUS_LINE or not is_running(int(lines[0])):
            return False
        if not answers(Path(lines[4]) / f".s.PGSQL.{lines[3]}"):
            return False
        self.found_pid, self.sockets = int(lines[0]), Path(lines[4])
        return True

    def _require_same_major(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        here = postgres_major(self.binaries)
        if made_by != str(here):
            raise EmbeddedError(
                f"The data in {self.data} were made by PostgreSQL {made_by}; {self.binaries} is {here}.",
                remedy=f"Start over (bin/demo --fresh), or set SCTRIAL_POSTGRES_BIN to the bin folder of a "
                f"PostgreSQL {made_by}.",
            )

    def _create(self, identity: Identity) -> None:
        # Into a folder beside it, renamed at the end: an interrupted initdb is never taken for a database.
        staging = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700, parents=True)
        identity.give(staging)
        require_open_path(identity, staging)
        self._run(identity, self._initdb_command(staging))
        single = [str(self.binaries / "postgres"), "--single", "-D", str(staging), "postgres"]
        self._run(identity, single, text=f"CREATE DATABASE {DATABASE} OWNER {USER}\n")
        shutil.rmtree(self.data, ignore_errors=True)
        staging.rename(self.data)

    def _initdb_command(self, folder: Path) -> list[str]:
        # macOS knows no C.UTF-8; C sorts by bytes there too.
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        command = [str(self.binaries / "initdb"), "-D", str(folder), "-U", USER, "-A", "trust", "-E", "UTF8"]
        command += [f"--locale={locale}", "--no-instructions"]
        return command if self.durable else [*command, "--no-sync"]

    def _server_command(self) -> list[str]:
        settings = ["listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC"]
        settings += [*DISCREET, *(() if self.durable else THROWAWAY)]
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        command += ["-k", str(self.sockets), "-p", str(PORT)]
        return command + [part for setting in settings for part in ("-c", setting)]

    def _run(self, identity: Identity, command: Sequence[str], *, text: str = "") -> None:
        process = self._popen(identity, command, reads=True)
        process.communicate(text.encode())
        if process.returncode:
            raise EmbeddedError(
                f"{Path(command[0]).name} failed; the end of {self.log}:\n{tail(self.log)}",
                remedy="Often a full disk or a folder that may not be written; see the lines above.",
            )

    def _popen(
        self, identity: Identity, command: Sequence[str], *, reads: bool = False
    ) -> subprocess.Popen[bytes]:
        # The caller's PGPORT, PGDATA or LC_ALL would change the server; a session of its own keeps
        # Ctrl-C away from it.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*identity.prefix, *command],
                stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                start_new_session=True,
                **identity.popen_options(),
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            lines = self._pid_file_lines()
            ours = len(lines) >= STATUS_LINE and lines[0] == str(process.pid)
            if ours and lines[STATUS_LINE - 1] == "ready":
                return
            time.sleep(0.02)
        self.stop()
        raise EmbeddedError(
            f"PostgreSQL did not start; the end of {self.log}:\n{tail(self.log)}",
            remedy="If another server holds these data, stop that one first; bin/demo --fresh starts over.",
        )

    def _pid_file_lines(self) -> list[str]:
        try:
            text = (self.data / "postmaster.pid").read_text(encoding="utf-8")
        except OSError:
            return []
        return [line.strip() for line in text.splitlines()]


def answers(path: Path) -> bool:
    """Whether a server listens on the socket: a stale pid file or socket file does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True
