"""A process that takes one JSON object a line and gives one back."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Message = dict[str, Any]
END = None


class ProcessFailed(Exception):
    """The other side said nothing, or nonsense, or no."""


class JsonLines:
    """Ask, and wait for the one reply. What the process writes to stderr goes to `log`."""

    def __init__(
        self, command: Sequence[str], *, log: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = Path(command[0]).name if len(command) == 1 else Path(command[1]).name
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=None if environment is None else {**environment},
                start_new_session=True,
            )
        self._replies: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, message: Message, *, within: float) -> Message:
        """The reply as sent, `ok` or not."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            raise self._failed(f"is gone, asked to {message.get('do')}") from None
        return self._reply(message, within=within)

    def close(self, *, patience: float = 15.0) -> None:
        """End its input; what does not go by itself is ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is self._process.stdout:
                self._end(patience=patience)
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _end(self, *, patience: float) -> None:
        try:
            self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        with contextlib.suppress(ValueError, OSError):
            for line in self._process.stdout:
                self._replies.put(line)
        self._replies.put(END)

    def _reply(self, message: Message, *, within: float) -> Message:
        try:
            line = self._replies.get(timeout=within)
        except queue.Empty:
            raise self._failed(f"did not reply to {message.get('do')} within {within:.0f} s") from None
        if line is END:
            # For whoever asks next.
            self._replies.put(END)
            raise self._failed(f"ended while it was asked to {message.get('do')}")
        try:
            reply = json.loads(line)
        except ValueError:
            raise self._failed(f"wrote a line that is no JSON: {line[:200]!r}") from None
        if not isinstance(reply, dict):
            raise self._failed(f"replied with something that is no object: {line[:200]!r}")
        return reply

    def _failed(self, what: str) -> ProcessFailed:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        end = "".join(f"\n    {line}" for line in lines)
        return ProcessFailed(f"{self.name} {what}." + (f" The end of its stderr:{end}" if end else ""))
