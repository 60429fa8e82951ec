"""When the demo counts as up: the web answers, and a worker answers through the broker."""

import http.client
import time
from collections.abc import Callable

from config.demo.children import Children
from config.demo.errors import DemoError
from config.demo.options import HOST

# A slow machine that has other work needs a minute; what ends before is noticed at once.
WEB_PATIENCE = 180.0
WORKER_PATIENCE = 180.0
PING = ("-m", "celery", "-A", "config", "inspect", "ping", "--timeout", "2")


def wait_for_web(children: Children, *, port: int) -> None:
    _wait(children, lambda: answers(port, "/livez"), what="The web server", patience=WEB_PATIENCE)


def wait_for_worker(children: Children) -> None:
    _wait(children, lambda: children.succeeds("ping", *PING), what="The worker", patience=WORKER_PATIENCE)


def _wait(children: Children, is_up: Callable[[], bool], *, what: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        children.require_all_running()
        if is_up():
            return
        time.sleep(0.2)
    raise DemoError(
        f"{what} did not answer within {patience:.0f} s.",
        remedy=f"Look at {children.logs}; a very busy machine may just need a second try.",
    )


def answers(port: int, path: str) -> bool:
    """Whether the page comes; straight to the port, whatever proxy the environment names."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
