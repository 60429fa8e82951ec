"""A real PostgreSQL and a real Valkey for the tests, up before Django reads its settings.

A pytest plugin loaded with `-p`, because pytest-django reads the settings before any conftest runs: the
servers start while this module is imported. `DATABASE_URL` and `REDIS_URL`, if set, name other servers, on
this machine only: tests drop databases and flush queues.
"""

import atexit
import os
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from config.embedded.errors import EmbeddedError
from config.embedded.guard import Guard
from config.embedded.services import Services
from config.embedded.valkey import Valkey

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "tests-only-" + "0123456789" * 5,
    # Plain HTTP on loopback, static files from the source folders: as in the demo.
    "DEMO": "1",
    "HTTPS": "0",
    "PUBLIC_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    # Every test pairs from one address and sends as fast as it can; the limits have tests of their own.
    "RATE_DEVICE": "100000/60",
    "RATE_PAIRING": "100000/60",
    # On a busy machine emptying the tables, or a lock that six threads want, takes longer than a phone waits.
    "DATABASE_OPTIONS": "-c statement_timeout=60s -c lock_timeout=20s",
}


def require_local(name: str, url: str) -> None:
    """Refuse an address that may be somebody's real server."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    if host and not host.startswith("/") and host not in LOCAL_HOSTS:
        raise pytest.UsageError(
            f"{name} points at {host}. Tests drop databases: unset it, or name a server on this machine."
        )


def start_services() -> Services:
    """Start what the environment does not name, and put the addresses there."""
    guard = Guard()
    atexit.register(guard.close)
    services = Services.temporary(guard=guard)
    if os.environ.get("DATABASE_URL"):
        services.postgres = None
    if os.environ.get("REDIS_URL"):
        services.valkey = None
    try:
        services.start()
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from None
    # Last registered, first run: an orderly stop leaves the guard nothing to do.
    atexit.register(services.stop)
    os.environ.update(services.environment())
    return services


for _name in ("DATABASE_URL", "REDIS_URL"):
    require_local(_name, os.environ.get(_name, ""))
SERVICES = start_services()
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)


@pytest.fixture
def embedded_valkey() -> Iterator[Valkey]:
    """The server behind REDIS_URL, to `kill()` and `start()` (empty, same socket); up again afterwards."""
    if SERVICES.valkey is None:
        pytest.skip("REDIS_URL names another server: only our own may be killed")
    yield SERVICES.valkey
    SERVICES.valkey.start()
