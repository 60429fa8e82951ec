"""A real gunicorn on a port of its own, against the test database, and what is said to it byte by byte."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from tests.faults.processes import PATIENCE, Process, wait_until
from tests.test_repository import ROOT

HOST = "127.0.0.1"
LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:([0-9]+)")
BOOTED = re.compile(r"Booting worker with pid: ([0-9]+)")
#: As the image runs it, only smaller.
OPTIONS = ("--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--bind", f"{HOST}:0")


@dataclass(frozen=True)
class Web:
    process: Process
    port: int

    def worker_pids(self) -> list[int]:
        """Of the workers booted so far, the newest last."""
        return [int(pid) for pid in BOOTED.findall(self.process.log.read_text())]

    def connect(self, *, timeout: float = 60.0) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=timeout)

    def say(self, raw: bytes, *, timeout: float = 60.0) -> bytes:
        """Everything that comes back until the server closes the connection or is silent for ``timeout``."""
        with self.connect(timeout=timeout) as wire:
            wire.sendall(raw)
            return read_all(wire)


def read_all(wire: socket.socket) -> bytes:
    heard = b""
    try:
        while part := wire.recv(65_536):
            heard += part
    except TimeoutError:
        pass
    return heard


@contextmanager
def running_web(
    log: Path, *, app: str = "config.wsgi:application", more: tuple[str, ...] = (), **environment: str
) -> Iterator[Web]:
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", app, *OPTIONS, *more],
            env=os.environ | {"DATABASE_URL": database} | environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    process = Process(popen, log)
    try:
        wait_until(lambda: BOOTED.search(log.read_text()) is not None, within=PATIENCE)
        port = LISTENING.search(log.read_text())
        assert port is not None
        web = Web(process, int(port[1]))
        wait_until(lambda: status_of(web.say(http("GET", "/livez"))) == 200, within=PATIENCE)
        yield web
    finally:
        process.stop()
        # What a stopped master may have left of itself; the group is ours alone.
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)


def http(
    method: str, path: str, *, body: bytes = b"", length: int | None = None, headers: tuple[str, ...] = ()
) -> bytes:
    """One request as bytes. Without ``length`` the true one; the connection is closed after the answer."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: testserver",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def status_of(answer: bytes) -> int:
    """Of the final answer; an interim 100 is none."""
    first = re.findall(rb"HTTP/1\.1 ([0-9]{3})", answer)
    return int(next((code for code in first if code != b"100"), b"0"))
