"""What can keep the demo from running."""

from pathlib import Path

from config.embedded.errors import EmbeddedError, tail


class DemoError(EmbeddedError):
    """A sentence and its remedy, as for the servers."""


class ProcessError(DemoError):
    """A process of ours ended, with the end of its log: nobody should have to go and look for it."""

    def __init__(self, name: str, *, code: int | None, log: Path) -> None:
        super().__init__(
            f"{name} stopped (exit code {code}); the end of {log}:\n{tail(log)}",
            remedy="Everything else is being stopped. bin/demo tries again; bin/demo --fresh starts over.",
        )
