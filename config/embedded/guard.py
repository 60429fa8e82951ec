"""Stops what we started when we can no longer do it: after a `kill -9`, a crash, a closed terminal.

A tiny process of its own holds the other end of a pipe. While we live it only writes down what we tell it;
when the pipe closes with names still on the list, it stops them. Portable, where PR_SET_PDEATHSIG is Linux
alone and tied to a thread. Run as a file (`python guard.py`), so that it loads nothing of ours.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

PATIENCE = 15.0


class Guard:
    """Our end of the pipe."""

    def __init__(self) -> None:
        command = [sys.executable, "-I", "-S", __file__]
        # A session of its own: Ctrl-C and a closing terminal reach us, never the guard.
        # No output: it outlives us for a moment, and must not hold a pipe that somebody reads to its end.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def watch(self, pid: int, *, stop_signal: signal.Signals) -> None:
        self._tell(f"watch {pid} {int(stop_signal)}")

    def forget(self, pid: int) -> None:
        self._tell(f"forget {pid}")

    def remove_afterwards(self, folder: Path) -> None:
        self._tell(f"remove {folder}")

    def close(self) -> None:
        """Let it go: what is on its list is stopped, which after an orderly end is nothing."""
        if self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._process.wait(timeout=4 * PATIENCE)

    def _tell(self, line: str) -> None:
        if self._process.stdin is None or self._process.stdin.closed:
            return
        with contextlib.suppress(OSError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def is_running(pid: int) -> bool:
    """Whether the process does anything: a zombie that nobody reaps does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return sys.platform != "linux"
    # The state follows the name, which stands in brackets and may hold anything.
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def stop_process(pid: int, stop_signal: int, *, patience: float = PATIENCE) -> None:
    """Ask the process, wait, and in the end kill whatever is left of its group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    deadline = time.monotonic() + patience
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def stop_child(process: "subprocess.Popen[bytes]", stop_signal: int, *, patience: float = PATIENCE) -> None:
    """The same for a child of ours, which only we can reap."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def listen(lines: TextIO) -> None:
    """Keep the list until the pipe closes, then stop what is on it, the newest first."""
    watched: dict[int, int] = {}
    folders: list[str] = []
    for line in lines:
        verb, _, rest = line.rstrip("\n").partition(" ")
        if verb == "watch":
            pid, number = rest.split()
            watched[int(pid)] = int(number)
        elif verb == "forget":
            watched.pop(int(rest), None)
        elif verb == "remove":
            folders.append(rest)
    for watched_pid, stop_signal in reversed(watched.items()):
        stop_process(watched_pid, stop_signal)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    listen(sys.stdin)
