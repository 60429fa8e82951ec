"""The processes that the demo starts, watched and stopped together."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.demo.errors import DemoError, ProcessError
from config.demo.stopping import STOP_SIGNALS
from config.embedded.guard import Guard, stop_child

ROOT = Path(__file__).resolve().parents[2]
# A worker finishes the assessment it is at; that takes seconds.
PATIENCE = 15.0


@dataclass(kw_only=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass(kw_only=True)
class Children:
    """Each in a session of its own, so that Ctrl-C reaches us alone and we stop them in order."""

    logs: Path
    guard: Guard
    environment: Mapping[str, str]
    running: list[Child] = field(default_factory=list)

    def start(self, name: str, *arguments: str) -> None:
        """Start a Python module or script for as long as the demo runs."""
        with STOP_SIGNALS.deferred():
            process = self._popen(name, arguments, output=subprocess.STDOUT)
            self.running.append(Child(name=name, process=process, log=self._log(name)))

    def run(self, name: str, *arguments: str) -> None:
        """Run one to its end, its output in a log."""
        code, _ = self._finish(name, arguments, output=subprocess.STDOUT)
        if code:
            raise ProcessError(name, code=code, log=self._log(name))

    def show(self, name: str, *arguments: str) -> None:
        """Run one to its end on the terminal, for the sake of its progress."""
        code, _ = self._finish(name, arguments, output=None)
        if code:
            raise DemoError(f"{name} failed (exit code {code}).", remedy="Its own words are above.")

    def output_of(self, name: str, *arguments: str) -> str:
        """What a short command prints; its complaints go to a log."""
        code, output = self._finish(name, arguments, output=subprocess.PIPE)
        if code:
            raise ProcessError(name, code=code, log=self._log(name))
        return output.decode()

    def succeeds(self, name: str, *arguments: str) -> bool:
        code, _ = self._finish(name, arguments, output=subprocess.STDOUT)
        return code == 0

    def require_all_running(self) -> None:
        for child in self.running:
            if child.process.poll() is not None:
                raise ProcessError(child.name, code=child.process.returncode, log=child.log)

    def stop(self) -> None:
        """Ask all at once, then wait for each; what is left of a group is killed."""
        for child in self.running:
            with contextlib.suppress(ProcessLookupError):
                child.process.terminate()
        for child in reversed(self.running):
            # Asked already: a second SIGTERM would turn the worker's orderly stop into a hasty one.
            stop_child(child.process, signal.SIGCONT, patience=PATIENCE)
            self.guard.forget(child.process.pid)
        self.running.clear()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _finish(self, name: str, arguments: tuple[str, ...], *, output: int | None) -> tuple[int, bytes]:
        process: subprocess.Popen[bytes] | None = None
        try:
            with STOP_SIGNALS.deferred():
                process = self._popen(name, arguments, output=output)
            answer, _ = process.communicate()
        finally:
            if process:
                stop_child(process, signal.SIGTERM)
                self.guard.forget(process.pid)
        return process.returncode, answer or b""

    def _popen(self, name: str, arguments: tuple[str, ...], *, output: int | None) -> subprocess.Popen[bytes]:
        """`output`: STDOUT puts everything in the log, PIPE only the complaints, None nothing."""
        with self._log(name).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log if output == subprocess.STDOUT else output,
                stderr=None if output is None else log,
                env=dict(self.environment),
                cwd=ROOT,
                start_new_session=True,
            )
        self.guard.watch(process.pid, stop_signal=signal.SIGTERM)
        return process
