"""The whole demo, really: from an empty folder to a page, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.guard import is_running

ROOT = Path(__file__).resolve().parents[3]
GIVEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEMO", "HTTPS", "PUBLIC_URL", "ALLOWED_HOSTS")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "config.demo", "--port", str(port), "--folder", str(tmp_path / "demo")],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key not in GIVEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.terminate()


def read_until(process: subprocess.Popen[str], end: str) -> str:
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if end in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def below(pid: int) -> set[int]:
    """Every process that this one started, and what those started."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, table.splitlines())}
    found: set[int] = set()
    todo = [pid]
    while todo:
        parent = todo.pop()
        children = {child for child, its in parents.items() if its == parent} - found
        found |= children
        todo += children
    return found


@pytest.mark.timeout(600)
def test_it_comes_up_tells_how_to_get_in_and_leaves_nothing_behind(
    demo: subprocess.Popen[str], tmp_path: Path
) -> None:
    text = read_until(demo, "Ctrl-C stops everything")
    address = re.search(r"sctrial runs at (http://127\.0\.0\.1:\d+)/", text)
    assert address
    assert re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", text), "a pairing code"
    for role in ("coordinator", "clinician", "site_admin", "analyst"):
        assert role in text
    with urllib.request.urlopen(f"{address[1]}/readyz", timeout=60) as answer:
        assert answer.read() == b'{"problems": [], "warnings": []}'
    started = below(demo.pid)
    assert len(started) >= 8

    demo.send_signal(signal.SIGINT)
    demo.send_signal(signal.SIGINT)
    read_until(demo, "nothing is left running")

    assert demo.wait(timeout=120) == 0
    deadline = time.monotonic() + 60
    while left := {pid for pid in started if is_running(pid)}:
        assert time.monotonic() < deadline, left
    assert (tmp_path / "demo" / "secret_key").stat().st_mode & 0o777 == 0o600
