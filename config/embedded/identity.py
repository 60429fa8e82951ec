"""Who runs PostgreSQL: it refuses to be root, and a demo in a container often is."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.errors import EmbeddedError

# The overflow user of every Linux: owns nothing, may do nothing.
NOBODY = 65534


@dataclass(frozen=True, kw_only=True)
class Identity:
    """How to start a program as somebody PostgreSQL accepts."""

    name: str
    prefix: tuple[str, ...] = ()
    user: int | None = None

    def popen_options(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.user, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Hand a file or folder to that user, who otherwise could not write there."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


DIRECT = Identity(name="direct")
# A user namespace of one process: root outside, an ordinary user inside. Works below a closed home folder
# too, and the files stay ours. The exec keeps the pid, so signals reach the server itself.
UNSHARED = Identity(
    name="unshare",
    prefix=("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"),
)
AS_NOBODY = Identity(name="nobody", user=NOBODY)


def choose_identity(binaries: Path) -> Identity:
    """Ourselves if we are not root; else a user namespace; else nobody, if the binaries are open to all."""
    if os.geteuid() != 0:
        return DIRECT
    for identity in (UNSHARED, AS_NOBODY):
        if can_run(identity, binaries):
            return identity
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and neither a user namespace nor the user nobody works here.",
        remedy="Run this as an ordinary user, or put the checkout where every user may read it (not below a "
        "closed home folder), or set DATABASE_URL to a server that runs already.",
    )


def can_run(identity: Identity, binaries: Path) -> bool:
    """Whether that user gets as far as the version: namespaces may be forbidden, folders closed."""
    if identity.prefix and shutil.which(identity.prefix[0]) is None:
        return False
    command = [*identity.prefix, str(binaries / "postgres"), "--version"]
    try:
        answer = subprocess.run(
            command, capture_output=True, check=False, cwd="/", **identity.popen_options()
        )
    except OSError:
        return False
    return answer.returncode == 0


def require_open_path(identity: Identity, folder: Path) -> None:
    """Refuse a data folder that the server's user cannot reach, before initdb says so in its own words."""
    if identity.user is None:
        return
    command = ["/bin/sh", "-c", 'test -x "$1" && test -w "$1"', "sh", str(folder)]
    answer = subprocess.run(command, check=False, cwd="/", **identity.popen_options())
    if answer.returncode:
        raise EmbeddedError(
            f"As root we run PostgreSQL as the user nobody here, who cannot reach {folder}.",
            remedy="Put the checkout where every user may pass (not below a closed home folder), or run this "
            "as an ordinary user.",
        )
