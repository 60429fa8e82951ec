"""The other side of the sandbox: staff who act, and what the record holds afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kit.clock import text_of
from kit.jsonlines import JsonLines, Message, ProcessFailed

PATIENCE = 60.0
#: The first answer waits for the tables, which a slow or busy machine is minutes about.
PATIENCE_WITH_TABLES = 600.0


class Control:
    """`manage.py sandbox` of the server under the kit; it answers only where DEMO=1."""

    def __init__(
        self, command: Sequence[str], *, log: Path, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._lines = JsonLines(command, log=log, folder=folder, environment=environment)
        self.about = self._answer({"do": "hello"}, within=PATIENCE_WITH_TABLES)

    @property
    def pid(self) -> int:
        return self._lines.pid

    def ask(self, do: str, *, at: datetime | None = None, **arguments: Any) -> Message:
        instant = {} if at is None else {"at": text_of(at)}
        return self._answer({"do": do, **instant, **arguments}, within=PATIENCE)

    def _answer(self, message: Message, *, within: float) -> Message:
        reply = self._lines.ask(message, within=within)
        if reply.get("ok") is not True:
            raise ProcessFailed(f"the sandbox could not {message['do']}: {reply.get('error', reply)}")
        return reply

    def close(self) -> None:
        self._lines.close()
