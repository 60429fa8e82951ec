"""What can go wrong with a server of our own, each with what to do about it."""

from pathlib import Path

TAIL_LINES = 15


class EmbeddedError(Exception):
    """A sentence for the person at the terminal, and the remedy as a second one."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}\n{remedy}")
        self.message = message
        self.remedy = remedy


def tail(log: Path, *, lines: int = TAIL_LINES) -> str:
    """The end of a log, for an error that must make sense without opening the file."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:]) or "    (the log is empty)"
