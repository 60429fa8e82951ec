"""Nothing is left running, however we end."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from config.embedded.guard import Guard, is_running

ROOT = Path(__file__).resolve().parents[3]


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

    deadline = time.monotonic() + 60
    while any(is_running(int(pid)) for pid in pids) or Path(scratch).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_guard_leaves_alone_what_was_stopped_in_order() -> None:
    guard = Guard()
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as process:
        guard.watch(process.pid, stop_signal=signal.SIGTERM)
        guard.forget(process.pid)

        guard.close()

        assert process.poll() is None
        process.kill()
