"""The real worker and beat, as processes of their own against the test database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

#: Seconds for whatever is waited for, on a machine that has other work; nothing waits longer than it must.
PATIENCE = 180.0
#: Seconds that a process may take to stop before it is killed.
TO_STOP = 30.0


@dataclass
class Process:
    popen: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        self.popen.send_signal(signal.SIGCONT)
        self.popen.terminate()
        try:
            self.popen.wait(timeout=TO_STOP)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


def start_celery(*arguments: str, log: Path, **environment: str) -> Process:
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "config", *arguments],
            env=os.environ | {"DATABASE_URL": database} | environment,
            stdout=output,
            stderr=output,
        )
    return Process(popen, log)


def wait_until(condition: Callable[[], bool], *, within: float) -> float:
    """Seconds until ``condition`` held; fails when it does not hold in time."""
    begun = time.monotonic()
    while not condition():
        waited = time.monotonic() - begun
        assert waited < within, f"not within {within} s"
        time.sleep(0.1)
    return time.monotonic() - begun
