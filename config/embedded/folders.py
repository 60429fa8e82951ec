"""Where sockets live: a short path, since the system refuses one of more than about a hundred bytes."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.identity import NOBODY

# Linux takes 107 bytes, macOS 103.
LONGEST_SOCKET_PATH = 103
# The longest that this module and the servers put below a base.
LONGEST_SOCKET_NAME = "sctrial-test-12345678/sockets/.s.PGSQL.5432"


def socket_folder(data: Path) -> Path:
    """The one private folder for the sockets of these data, the same at every start."""
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:10]
    folder = short_base() / f"sctrial-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    require_private(folder)
    return folder


def temporary_folder() -> Path:
    """A new private folder for servers that live as long as one test run."""
    return Path(tempfile.mkdtemp(prefix="sctrial-test-", dir=short_base()))


def short_base() -> Path:
    """The temp folder, or /tmp where the temp folder's own name is too long for a socket below it."""
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):
        longest = os.fsencode(base / LONGEST_SOCKET_NAME)
        if len(longest) <= LONGEST_SOCKET_PATH and os.access(base, os.W_OK):
            return base
    raise EmbeddedError(
        f"No folder for sockets: {tempfile.gettempdir()} is too long a name and /tmp cannot be written.",
        remedy="Set TMPDIR to a short folder that you own.",
    )


def require_private(folder: Path) -> None:
    """Anyone may create names in /tmp: a folder of ours that belongs to somebody else is a trap."""
    found = folder.lstat()
    owners = {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise EmbeddedError(
            f"{folder} exists and is not a folder of yours.",
            remedy="Have it removed, or set TMPDIR to a folder that you own.",
        )
    folder.chmod(0o700)
