"""One phone: the app under test, behind a command that speaks JSON lines."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kit import PROTOCOL, VERSION
from kit.clock import text_of
from kit.jsonlines import JsonLines, Message, ProcessFailed

#: An emulator that starts for the first time takes a while.
PATIENCE = 120.0


class CannotDo(Exception):
    """The driver says that its app has no such thing; the scenario is not run."""


class Driver:
    """Every call is one line to the driver and one line back."""

    def __init__(self, command: Sequence[str], *, folder: Path, log: Path) -> None:
        self._lines = JsonLines(command, log=log, folder=folder)
        self.about = self.ask("hello", kit=VERSION, protocol=PROTOCOL)

    def ask(self, do: str, **arguments: Any) -> Message:
        reply = self._lines.ask({"do": do, **arguments}, within=PATIENCE)
        if reply.get("ok") is True:
            return reply
        if reply.get("unsupported") is True:
            raise CannotDo(f"the driver does not support {do}")
        raise ProcessFailed(f"the driver could not {do}: {reply.get('error', reply)}")

    def set_clock(self, now: datetime) -> None:
        self.ask("set_clock", now=text_of(now))

    def stop(self) -> None:
        with contextlib.suppress(CannotDo, ProcessFailed):
            self.ask("stop")
        self._lines.close()
