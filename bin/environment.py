"""Makes the project's own environment from a lock, then becomes the command that was asked for.

    python bin/environment.py KIND ARGUMENTS...      KIND is `demo` or `test`

Standard library only: this runs before anything is installed. An environment counts when its marker file
holds the key of the present lock, Python and folder; the marker is written last, so that a half-made one,
after Ctrl-C or a full disk, is made again.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from installer import (
    MEGABYTE,
    CannotPrepare,
    child_environment,
    explain,
    pip_command,
    requirement_count,
    run_visibly,
    say,
    uv_command,
)

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Kind:
    """One environment: its lock and what it takes on disk while it is made, downloads included."""

    name: str
    lock: str
    megabytes: int

    def folder(self, root: Path) -> Path:
        return root / f".venv-{self.name}"


KINDS = {
    "demo": Kind("demo", "requirements-embedded.txt", 700),
    "test": Kind("test", "requirements-dev.txt", 1100),
}


def environment_key(lock: bytes, folder: Path) -> str:
    """Changes with whatever makes an environment useless: the lock, the Python, a moved checkout."""
    version = ".".join(map(str, sys.version_info[:3]))
    parts = (version, sys.implementation.name, platform.machine(), str(folder))
    return hashlib.sha256("\0".join(parts).encode() + lock).hexdigest()


def is_ready(folder: Path, key: str) -> bool:
    try:
        return (folder / ".ready").read_text(encoding="ascii") == key and python_of(folder).exists()
    except OSError:
        return False


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def require_space(folder: Path, *, megabytes: int) -> None:
    free = shutil.disk_usage(folder).free // MEGABYTE
    if free < megabytes:
        raise CannotPrepare(
            f"The disk of {folder} has {free} MB free; this takes about {megabytes} MB.\n"
            "Free some space, or move the checkout to a larger disk, and run the command again."
        )


def make_venv(folder: Path, *, with_pip: bool) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=child_environment())
    if answer.returncode:
        free = shutil.disk_usage(folder.parent).free // MEGABYTE
        raise CannotPrepare(explain(answer.stdout + answer.stderr, free_megabytes=free))


def install(folder: Path, lock: Path) -> None:
    """With uv where there is one, which is much faster; else, or if it fails, with pip."""
    total = requirement_count(lock.read_text(encoding="utf-8"))
    if uv := shutil.which("uv"):
        make_venv(folder, with_pip=False)
        if run_visibly(uv_command(uv, python_of(folder), lock), total=total) is None:
            return
        say("  uv could not install them; trying pip")
    make_venv(folder, with_pip=True)
    output = run_visibly(pip_command(python_of(folder), lock), total=total)
    if output is not None:
        free = shutil.disk_usage(folder.parent).free // MEGABYTE
        raise CannotPrepare(explain(output, free_megabytes=free))


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Two commands started together must not build the same folder."""
    with folder.with_name(folder.name + ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another command that makes the environment ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def prepare(kind: Kind, root: Path) -> Path:
    """The Python of a finished environment, made now if need be."""
    # The test environment holds all of the demo's, at the same versions.
    for candidate in (kind, KINDS["test"]):
        folder, lock = candidate.folder(root), root / candidate.lock
        if is_ready(folder, environment_key(lock.read_bytes(), folder)):
            return python_of(folder)
    folder, lock = kind.folder(root), root / kind.lock
    key = environment_key(lock.read_bytes(), folder)
    with one_at_a_time(folder):
        if not is_ready(folder, key):
            require_space(root, megabytes=kind.megabytes)
            version = platform.python_version()
            say(f"Making {folder.name} with Python {version} from {kind.lock} (once, a minute or two)")
            install(folder, lock)
            (folder / ".ready").write_text(key, encoding="ascii")
            say(f"{folder.name} is ready")
    return python_of(folder)


def stop_on_terminate(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def prepare_or_explain(kind: Kind) -> Path:
    """The environment's Python, or an end that says what to do: never a traceback for a full disk."""
    try:
        return prepare(kind, ROOT)
    except CannotPrepare as error:
        raise SystemExit(f"\n{error}") from None
    except OSError as error:
        raise SystemExit(
            f"\n{ROOT} cannot be prepared: {error.strerror} ({error.filename}).\n"
            f"The checkout needs a disk with space and must belong to who runs this (now uid {os.geteuid()})."
        ) from None
    except KeyboardInterrupt:
        say("\nStopped. The next run starts this step over.")
        raise SystemExit(130) from None


def main(arguments: Sequence[str]) -> NoReturn:
    """Prepare, then become the command, so that Ctrl-C and the exit code are its own."""
    if len(arguments) < 2 or arguments[0] not in KINDS:
        raise SystemExit(__doc__)
    signal.signal(signal.SIGTERM, stop_on_terminate)
    python = prepare_or_explain(KINDS[arguments[0]])
    os.execve(python, [str(python), *arguments[1:]], child_environment())  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
