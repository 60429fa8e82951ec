"""Requests in this process, without a server, for valgrind to count.

python -m bench.inside APP < PLAN      PLAN is JSON: the requests as they would go over the wire
"""

import importlib
import io
import json
import os
import sys
from typing import Any


def environ_of(request: bytes) -> dict[str, Any]:
    """As gunicorn would hand it over."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in fields:
        name, _, value = line.partition(": ")
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


def load(app: str) -> Any:
    """The WSGI application that gunicorn's ``module:name`` or ``module:name()`` means."""
    module, _, name = app.partition(":")
    found = getattr(importlib.import_module(module), name.removesuffix("()"))
    return found() if name.endswith("()") else found


def ask(app: Any, request: bytes) -> None:
    """One request; whatever is not stored ends the run."""
    started: list[str] = []
    answer = app(environ_of(request), lambda status, _headers: started.append(status))
    body = b"".join(answer)
    answer.close()
    if not started[0].startswith("201"):
        raise SystemExit(f"{started[0]}: {body.decode()}")


def main() -> None:
    app = load(sys.argv[1])
    for request in json.load(sys.stdin):
        ask(app, request.encode("latin-1"))
    # A thread that gathers for longer than this run is not waited for.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
