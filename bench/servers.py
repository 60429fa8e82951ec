"""What a measurement runs on: PostgreSQL and Valkey that keep what they are told, and a gunicorn a variant.

CPU time is read from /proc for a process and all below it. The load comes from elsewhere and is not in it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from config.embedded.guard import Guard, stop_child
from config.embedded.services import Services

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
PATIENCE = 60.0
TICK = os.sysconf("SC_CLK_TCK")
#: As in production, but for the proxy: what it would say, the load says.
PRODUCTION = {
    "SECRET_KEY": "bench-only-" + "0123456789" * 5,
    "ALLOWED_HOSTS": HOST,
    "PUBLIC_URL": f"https://{HOST}",
    "HTTPS": "1",
    "BEHIND_PROXY": "1",
    # The limit is kept at each request, and never reached: 200 phones send what thousands would.
    "RATE_DEVICE": "1000000/60",
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True)
class Workers:
    """How gunicorn runs, alike for every variant; the sync worker closes each connection."""

    kind: str = "sync"
    threads: int = 1
    keep_alive: bool = False

    def flags(self) -> list[str]:
        flags = ["--worker-class", self.kind, "--workers", "1", "--threads", str(self.threads)]
        flags += ["--keep-alive", "30" if self.keep_alive else "0", "--log-level", "warning"]
        return [*flags, "--no-control-socket"]

    def told(self) -> str:
        connections = "connections kept" if self.keep_alive else "a connection a request"
        return f"gunicorn, 1 {self.kind} worker, threads {self.threads}, {connections}"


@dataclass(frozen=True)
class Cpu:
    """Seconds on a processor: all of it to the nanosecond, the kernel's part to the clock tick."""

    total: float
    system: float

    def __sub__(self, earlier: "Cpu") -> "Cpu":
        return Cpu(self.total - earlier.total, self.system - earlier.system)

    def __add__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.total + other.total, self.system + other.system)


def cpu_of(root: int) -> Cpu:
    """CPU time so far of a process, of all below it, and of those that are gone already."""
    spent = Cpu(0.0, 0.0)
    for pid in tree_of(root):
        # A backend or worker may end between the two looks.
        with suppress(OSError):
            spent += _cpu_of_one(pid)
    return spent


def _cpu_of_one(pid: int) -> Cpu:
    fields = _stat(pid)
    system, gone, gone_system = (int(fields[n]) / TICK for n in (12, 13, 14))
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    alive = sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
    return Cpu(alive + gone + gone_system, system + gone_system)


def _stat(pid: int) -> list[str]:
    """What follows the name in /proc/PID/stat, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def tree_of(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


@dataclass(frozen=True)
class Machines:
    """The two servers that every variant shares."""

    services: Services
    folder: Path

    def url(self, database: str) -> str:
        assert self.services.postgres
        return self.services.postgres.url.replace("///sctrial?", f"///{database}?")

    def environment(self, *, database: str) -> dict[str, str]:
        return PRODUCTION | self.services.environment() | {"DATABASE_URL": self.url(database)}

    def pids(self) -> dict[str, int]:
        started = {server.name: server.process for server in self.services.servers()}
        return {name: process.pid for name, process in started.items() if process}

    def postgres_log(self) -> str:
        assert self.services.postgres
        return self.services.postgres.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def machines() -> Iterator[Machines]:
    """Both servers over new data, with fsync and the append-only file on; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="sctrial-bench-"))
    guard = Guard()
    guard.remove_afterwards(folder)
    services = Services.persistent(folder, guard=guard)
    try:
        with services:
            yield Machines(services, folder)
    finally:
        guard.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def gunicorn(
    app: str, *, workers: Workers, environment: Mapping[str, str], log: Path
) -> Iterator[tuple[int, int]]:
    """A gunicorn that answers: its pid and its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", app, "--bind", f"{HOST}:{port}", *workers.flags()]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_inherited() | dict(environment),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(port, process=process, log=log)
        yield process.pid, port
    finally:
        stop_child(process, signal.SIGTERM)


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, *, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"gunicorn did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
