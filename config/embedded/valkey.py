"""One Valkey server on a unix socket: doorbells and results, never the only copy of anything."""

import contextlib
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.embedded.binaries import find_valkey
from config.embedded.errors import EmbeddedError, tail
from config.embedded.guard import Guard, stop_child, stop_process

PATIENCE = 30.0


@dataclass(kw_only=True)
class Valkey:
    """A server over `data`. Not `durable`: nothing is written, so a restart is an empty server."""

    name: ClassVar[str] = "Valkey"
    data: Path
    sockets: Path
    log: Path
    durable: bool
    guard: Guard | None = None
    process: subprocess.Popen[bytes] | None = None
    found_pid: int | None = None
    stops_found: bool = False

    @property
    def socket_path(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket_path}"

    def start(self) -> None:
        """Start it, or take the one that answers on this socket already."""
        if self.adopt():
            return
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        if self.guard:
            self.guard.watch(self.process.pid, stop_signal=signal.SIGTERM)
        self._wait_until_ready(self.process)

    def stop(self) -> None:
        """An orderly end of the server that we started."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`: the fault of the tests. `start()` again gives an empty server on the same socket."""
        self._end(signal.SIGKILL)

    def adopt(self) -> bool:
        """Whether a live server answers on this socket already; it is used as it is."""
        if not ping(self.socket_path):
            return False
        with contextlib.suppress(OSError, ValueError):
            self.found_pid = int(self._pid_file.read_text(encoding="ascii"))
        return True

    @property
    def _pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def _end(self, stop_signal: signal.Signals) -> None:
        if self.process:
            stop_child(self.process, stop_signal)
            if self.guard:
                self.guard.forget(self.process.pid)
        elif self.found_pid and self.stops_found:
            stop_process(self.found_pid, stop_signal)
        self.process = self.found_pid = None

    def _command(self) -> list[str]:
        command = [str(find_valkey()), "--port", "0", "--unixsocket", str(self.socket_path)]
        # noeviction: a queue that silently drops its oldest message is worse than one that says it is full.
        command += ["--unixsocketperm", "700", "--maxmemory-policy", "noeviction", "--dir", str(self.data)]
        command += ["--pidfile", str(self._pid_file)]
        return [*command, "--save", "", "--appendonly", "yes" if self.durable else "no"]

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            if ping(self.socket_path):
                return
            time.sleep(0.02)
        self.stop()
        raise EmbeddedError(
            f"Valkey did not start; the end of {self.log}:\n{tail(self.log)}",
            remedy="See the lines above; bin/demo --fresh starts over.",
        )


def ping(path: Path) -> bool:
    """Whether the server answers and has loaded its data."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
