"""Runs pip or uv so that one sees it move, and says what its failure means. Standard library only."""

import os
import platform
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

MEGABYTE = 1024 * 1024
QUIET_SECONDS = 10.0
# One line of progress for so many packages: enough to see it move.
EVERY = 10
MISSING_WHEEL = r"No matching distribution found for ([^\s(]+)|`?([\w.=-]+)`? has no wheels"
# What would lead an installer or an interpreter out of the new environment.
MISLEADING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSAFEPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "VIRTUAL_ENV",
)


class CannotPrepare(Exception):
    """A sentence and its remedy, for somebody who only wanted to see the demo."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def requirement_count(lock: str) -> int:
    return len(re.findall(r"^[A-Za-z0-9][\w.\-]*==", lock, flags=re.MULTILINE))


def explain(output: str, *, free_megabytes: int) -> str:
    """What an installer's output means for the reader, and what to do about it."""
    if "No space left on device" in output or "os error 28" in output or free_megabytes < 20:
        return "The disk is full.\nFree about 1 GB and run the command again; it starts this step over."
    if re.search(r"NewConnectionError|ConnectTimeout|name resolution|error sending request", output):
        return (
            "The package registry cannot be reached.\nCheck the network, or your proxy and mirror settings "
            "(pip config list), and run the command again."
        )
    if "DO NOT MATCH THE HASHES" in output or "Hash mismatch" in output:
        return "A downloaded package is not the one in the lock and was refused.\nTry again, then tell us."
    if missing := re.search(MISSING_WHEEL, output):
        return (
            f"There is no ready-made package of {missing[1] or missing[2]} for this platform "
            f"({platform.system()} {platform.machine()}, Python {platform.python_version()}).\n"
            "The demo runs on Linux (glibc) and macOS, x86-64 and ARM64. Elsewhere use docker compose."
        )
    last = "\n".join(f"    {line}" for line in output.splitlines()[-12:])
    return f"Installing failed; its last words:\n{last}"


def pip_command(python: Path, lock: Path) -> list[str]:
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    return [*command, "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", str(lock)]


def uv_command(uv: str, python: Path, lock: Path) -> list[str]:
    return [uv, "pip", "sync", "--require-hashes", "--no-build", "--python", str(python), str(lock)]


def child_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in MISLEADING}


def progress_line(line: str, *, done: int, total: int) -> str | None:
    """The few lines of an installer that tell how far it is."""
    if found := re.match(r"Collecting ([\w.\-]+)", line):
        return None if done % EVERY else f"  [{done + 1:3d} of about {total}] {found[1]}"
    if line.startswith("Installing collected packages"):
        return "  unpacking (half a minute or so)"
    if re.match(r"(Resolved|Prepared|Installed|Downloading) ", line):
        return f"  {line}"
    return None


def lines_or_silence(stream: IO[str]) -> Iterator[str | None]:
    """The stream's lines; None for each stretch of silence, so that the reader sees it is alive."""
    lines: queue.Queue[str | None] = queue.Queue()

    def pump() -> None:
        for line in stream:
            lines.put(line.rstrip())
        lines.put(None)

    thread = threading.Thread(target=pump, daemon=True)
    thread.start()
    while True:
        try:
            line = lines.get(timeout=QUIET_SECONDS)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line


def run_visibly(command: Sequence[str], *, total: int) -> str | None:
    """Run an installer and show its progress; its whole output if it failed."""
    kept: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=child_environment()
    ) as process:
        try:
            show_progress(process, kept, total=total)
        finally:
            # Stopped by hand, the installer must not go on by itself; at its end this does nothing.
            process.terminate()
    return "\n".join(kept) if process.returncode else None


def show_progress(process: "subprocess.Popen[str]", kept: list[str], *, total: int) -> None:
    started, done = time.monotonic(), 0
    assert process.stdout is not None
    for line in lines_or_silence(process.stdout):
        if line is None:
            say(f"  ... still working ({time.monotonic() - started:.0f} s)")
            continue
        kept.append(line)
        if shown := progress_line(line, done=done, total=total):
            say(shown)
        done += line.startswith("Collecting ")
    process.wait()
