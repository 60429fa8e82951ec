"""The service itself, on a PostgreSQL and a Valkey of its own, for as long as the kit runs."""

import contextlib
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.demo.children import ROOT, Children
from config.demo.readiness import wait_for_web
from config.embedded.guard import Guard
from config.embedded.services import Services

WEB = (
    "-m",
    "gunicorn",
    "apps.workspace.sandbox.wsgi:application",
    "--worker-class",
    "gthread",
    "--threads",
    "8",
)
#: All that a sandbox takes from its caller: the settings of another service are not for it.
INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "SCTRIAL_POSTGRES_BIN", "SCTRIAL_VALKEY_SERVER")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    url: str
    control: tuple[str, ...]
    environment: dict[str, str]
    folder: Path


@contextlib.contextmanager
def running(logs: Path) -> Iterator[Sandbox]:
    """Up, and gone afterwards, also after a kill -9. The tables come with the first words to its control."""
    with contextlib.ExitStack() as stack:
        guard = Guard()
        stack.callback(guard.close)
        services = stack.enter_context(Services.temporary(guard=guard))
        port = free_port()
        environment = _environment(services, url=f"http://127.0.0.1:{port}")
        children = Children(logs=logs, guard=guard, environment=environment)
        stack.callback(children.stop)
        children.start("web", *WEB, "--bind", f"127.0.0.1:{port}", "--no-control-socket")
        wait_for_web(children, port=port)
        control = (sys.executable, "manage.py", "sandbox", "--migrate")
        yield Sandbox(url=environment["PUBLIC_URL"], control=control, environment=environment, folder=ROOT)


def _environment(services: Services, *, url: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    ours = {
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PUBLIC_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "LOG_LEVEL": "WARNING",
        # All phones of all patients come from this one address.
        "RATE_PAIRING": "100000/60",
    }
    return inherited | services.environment() | ours


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
