"""The other side of the sandbox: staff who act, and what the record holds afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kit.clock import text_of
from kit.jsonlines import JsonLines, Message, ProcessFailed

PATIENCE = 60.0


class Control:
    """`manage.py sandbox` of the server under the kit; it answers only where DEMO=1."""

    def __init__(
        self, command: Sequence[str], *, log: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._lines = JsonLines(command, log=log, folder=folder, environment=environment)
        self.about = self.ask("hello")

    @property
    def pid(self) -> int:
        return self._lines.pid

    def ask(self, do: str, *, at: datetime | None = None, **arguments: Any) -> Message:
        instant = {} if at is None else {"at": text_of(at)}
        reply = self._lines.ask({"do": do, **instant, **arguments}, within=PATIENCE)
        if reply.get("ok") is not True:
            raise ProcessFailed(f"the sandbox could not {do}: {reply.get('error', reply)}")
        return reply

    def close(self) -> None:
        self._lines.close()
