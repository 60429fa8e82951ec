"""The bad network: an HTTP proxy that a phone takes for the server.

Beside its faults it changes two things only. It tells the sandbox's server the true time of the scenario, in
a header that only a sandbox reads; and it writes the same time into `Date`, which gunicorn takes from the
machine.
"""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import urlsplit

from kit.clock import Clock, text_of
from kit.faults import Fault, Faults, Kind

CLOCK_HEADER = "X-Sandbox-Now"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "upgrade"}
UPSTREAM_PATIENCE = 30.0
PORTAL_PAGE = b"<!doctype html><title>Hotel</title><p>Welcome! Accept our terms to go on."
NOT_YET = {"x_not_yet_known": {"to": ["this", "app"]}}


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self) -> Any:
        with contextlib.suppress(ValueError):
            return json.loads(self.body)
        return None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request as the network saw it; `reply` is what reached the phone, if anything did."""

    at: datetime
    method: str
    path: str
    has_token: bool
    sent: Any
    reply: Reply | None
    fault: Kind | None


class Proxy:
    """One phone's way to the server, on a port of its own."""

    def __init__(self, server: str, *, clock: Clock) -> None:
        self.faults = Faults()
        self.exchanges: list[Exchange] = []
        self._httpd = _Server(("127.0.0.1", 0), _Handler)
        self._httpd.way = _Way(server=server, clock=clock, proxy=self)
        self.url = f"http://127.0.0.1:{self._httpd.server_address[1]}"
        threading.Thread(
            target=self._httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, kw_only=True)
class _Way:
    server: str
    clock: Clock
    proxy: Proxy

    def forward(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Reply:
        parts = urlsplit(self.server)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=UPSTREAM_PATIENCE)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                if name.lower() not in HOP_BY_HOP | {CLOCK_HEADER.lower()}:
                    connection.putheader(name, value)
            connection.putheader(CLOCK_HEADER, text_of(self.clock.now()))
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
            return Reply(status=answer.status, headers=kept, body=answer.read())
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    way: _Way

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A phone that goes away in the middle is what we are here for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet; else every reply waits for the phone's delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        way = cast(_Server, self.server).way
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        faults, at = way.proxy.faults, way.clock.now()
        fault = None if faults.offline else faults.take(method=self.command, path=self.path)
        reply = None if faults.offline else self._answer(way, fault, body)
        way.proxy.exchanges.append(self._exchange(at, body, reply, fault))
        if reply is None:
            self.close_connection = True
            return
        self._write(reply, at=way.clock.now())

    def _answer(self, way: _Way, fault: Fault | None, body: bytes) -> Reply | None:
        kind = fault.kind if fault else None
        if kind is Kind.CUT:
            return None
        if fault and kind in (Kind.BUSY, Kind.TOO_MANY):
            return refusal(503 if kind is Kind.BUSY else 429, retry_after=fault.retry_after)
        if kind is Kind.PORTAL:
            return Reply(status=200, headers=[("Content-Type", "text/html")], body=PORTAL_PAGE)
        reply = way.forward(self.command, self.path, self.headers.items(), body)
        if kind is Kind.DOUBLE:
            reply = way.forward(self.command, self.path, self.headers.items(), body)
        if fault and kind is Kind.DELAY:
            time.sleep(fault.seconds)
        if kind is Kind.FUTURE:
            return with_unknown_fields(reply)
        return None if kind is Kind.DROP_REPLY else reply

    def _exchange(self, at: datetime, body: bytes, reply: Reply | None, fault: Fault | None) -> Exchange:
        try:
            sent = json.loads(body) if body else None
        except ValueError:
            sent = body.decode("utf-8", "replace")
        return Exchange(
            at=at,
            method=self.command,
            path=self.path,
            has_token=self.headers.get("Authorization", "").startswith("Bearer "),
            sent=sent,
            reply=reply,
            fault=fault.kind if fault else None,
        )

    def _write(self, reply: Reply, *, at: datetime) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Date", format_datetime(at, usegmt=True))
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Silent: what came and went is in `exchanges`."""


for _method in ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)


def refusal(status: int, *, retry_after: int) -> Reply:
    code = {503: "unavailable", 429: "too_many_requests"}[status]
    problem = {"type": "about:blank", "title": "Keep the answer and send it again.", "status": status}
    body = problem | {"code": code, "errors": [], "request_id": "from-the-app-kit"}
    headers = [("Content-Type", "application/problem+json"), ("Retry-After", str(retry_after))]
    return Reply(status=status, headers=headers, body=json.dumps(body).encode())


def with_unknown_fields(reply: Reply) -> Reply:
    found = reply.json()
    if not isinstance(found, dict):
        return reply
    for part in _objects(found):
        part.update(NOT_YET)
    return Reply(status=reply.status, headers=reply.headers, body=json.dumps(found).encode())


def _objects(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The reply itself and each item of a batch's results."""
    yield found
    results = found.get("results")
    yield from (part for part in results if isinstance(part, dict)) if isinstance(results, list) else ()
