"""What the person at the terminal may ask for."""

import argparse
import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.demo.errors import DemoError

# Loopback only: the logins are printed for everybody to see.
HOST = "127.0.0.1"
DEFAULT_PORT = 8000
LAST_PORT = 65535
FOLDER = Path(__file__).resolve().parents[2] / ".demo"


@dataclass(frozen=True, kw_only=True)
class Options:
    fresh: bool
    port: int
    folder: Path

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


def parse_options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="Start sctrial with made-up trials on this machine. Ctrl-C stops all of it.",
        epilog="DATABASE_URL and REDIS_URL, if set, name servers that run already; the demo's data go there.",
    )
    parser.add_argument("--fresh", action="store_true", help="throw the kept demo data away and start over")
    parser.add_argument("--port", type=port_number, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data and logs are kept")
    found = parser.parse_args(arguments)
    return Options(fresh=found.fresh, port=found.port, folder=found.folder.resolve())


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a whole number from 1 to {LAST_PORT}")
    return int(text)


def require_free_port(port: int) -> None:
    """Say so before the work of starting, not after it."""
    problem = bind_problem(port)
    if problem is None:
        return
    free = next((other for other in range(port + 1, port + 50) if not bind_problem(other)), None)
    if problem == errno.EACCES:
        raise DemoError(f"Port {port} is for the system only.", remedy="Choose one: bin/demo --port 8000")
    raise DemoError(
        f"Port {port} is taken by another program.",
        remedy=f"Stop that program, or choose another port: bin/demo --port {free or 8765}",
    )


def bind_problem(port: int) -> int | None:
    """The error number that a server would meet on this port, or None."""
    if port > LAST_PORT:
        return errno.EINVAL
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As gunicorn does: a port that a stopped demo used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error.errno
    return None
