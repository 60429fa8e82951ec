"""What the demo keeps between runs: its data, its logs, its secret key. One demo a folder."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from config.demo.errors import DemoError

# A fresh PostgreSQL, its journal, and the demo's rows.
NEEDED_MEGABYTES = 300
MEGABYTE = 1024 * 1024


@contextlib.contextmanager
def held(folder: Path, *, note: str) -> Iterator[None]:
    """Hold the folder for as long as we run; the lock falls with us, however we end."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise DemoError(
                f"A demo already runs from {folder}: {handle.read().strip()}.",
                remedy="Use that one, or stop it with Ctrl-C in its terminal.",
            ) from None
        handle.truncate(0)
        handle.write(note)
        handle.flush()
        yield


def empty(folder: Path, *, servers: Iterable[Path]) -> None:
    """Forget those servers' data and the key. Nothing else: the folder may be anyone's choice."""
    for data in servers:
        shutil.rmtree(data, ignore_errors=True)
    (folder / "secret_key").unlink(missing_ok=True)


def secret_key(folder: Path) -> str:
    """Made once and kept, readable by us alone: sessions survive a restart of the demo."""
    path = folder / "secret_key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(64))
    key = path.read_text(encoding="ascii")
    if not key:
        # A disk that was full the last time.
        path.unlink()
        return secret_key(folder)
    return key


def require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < NEEDED_MEGABYTES:
        raise DemoError(
            f"The disk of {folder} has {free} MB free; the database needs about {NEEDED_MEGABYTES} MB.",
            remedy="Free some space, or keep the data elsewhere: bin/demo --folder /path/on/a/larger/disk",
        )
