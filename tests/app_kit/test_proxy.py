"""The bad network does what it is told, once, and nothing else."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from kit.clock import Clock
from kit.faults import Kind
from kit.proxy import CLOCK_HEADER, Proxy

#: A leap day, far from the machine's own.
AT = datetime(2028, 2, 29, 18, 0, tzinfo=UTC)


class Service(ThreadingHTTPServer):
    """Answers every request with what it was sent, and counts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.seen: list[dict[str, Any]] = []


class Echo(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        assert isinstance(self.server, Service)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append({"path": self.path, "headers": dict(self.headers), "body": body})
        answer = json.dumps({"n": len(self.server.seen)}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"abc"')
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy(service: Service) -> Iterator[Proxy]:
    with Proxy(f"http://127.0.0.1:{service.server_address[1]}", clock=Clock(AT)) as way:
        yield way


def put(proxy: Proxy, path: str = "/api/v1/diary/entries/x") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
    try:
        connection.request("PUT", path, body='{"value": 3}', headers={"Authorization": "Bearer t"})
        reply = connection.getresponse()
        reply.body = reply.read()  # type: ignore[attr-defined]
        return reply
    finally:
        connection.close()


def body_of(reply: http.client.HTTPResponse) -> Any:
    return json.loads(reply.body)  # type: ignore[attr-defined]


def test_without_a_fault_request_and_reply_go_through_as_they_are(proxy: Proxy, service: Service) -> None:
    reply = put(proxy)

    (seen,) = service.seen
    assert (seen["path"], seen["body"]) == ("/api/v1/diary/entries/x", '{"value": 3}')
    assert seen["headers"]["Authorization"] == "Bearer t"
    assert seen["headers"]["Host"] == urlsplit(proxy.url).netloc
    assert (reply.status, reply.headers["ETag"], body_of(reply)) == (201, '"abc"', {"n": 1})


def test_the_true_time_goes_both_ways(proxy: Proxy, service: Service) -> None:
    reply = put(proxy)

    told = datetime.fromisoformat(service.seen[0]["headers"][CLOCK_HEADER])
    assert timedelta() <= told - AT < timedelta(seconds=10)
    assert timedelta() <= parsedate_to_datetime(reply.headers["Date"]) - AT < timedelta(seconds=10)
    assert len(reply.headers.get_all("Date", [])) == 1


def test_a_phone_cannot_set_the_servers_clock(proxy: Proxy, service: Service) -> None:
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=10)
    connection.request("PUT", "/", body="", headers={CLOCK_HEADER: "1999-01-01T00:00:00Z"})
    connection.getresponse().read()
    connection.close()

    assert service.seen[0]["headers"][CLOCK_HEADER].startswith("2028-02-29")


def test_a_dropped_reply_was_stored(proxy: Proxy, service: Service) -> None:
    proxy.faults.add(kind="drop_reply")

    with pytest.raises(http.client.RemoteDisconnected):
        put(proxy)

    assert len(service.seen) == 1
    assert body_of(put(proxy)) == {"n": 2}, "The fault was for one request."


@pytest.mark.parametrize("kind", ["cut", "offline"])
def test_a_cut_connection_was_not_stored(kind: str, proxy: Proxy, service: Service) -> None:
    if kind == "cut":
        proxy.faults.add(kind=kind)
    proxy.faults.offline = kind == "offline"

    with pytest.raises(http.client.RemoteDisconnected):
        put(proxy)

    assert service.seen == []


@pytest.mark.parametrize(
    ("kind", "status", "code"), [("busy", 503, "unavailable"), ("too_many", 429, "too_many_requests")]
)
def test_a_refusal_for_now_says_for_how_long(
    kind: str, status: int, code: str, proxy: Proxy, service: Service
) -> None:
    proxy.faults.add(kind=kind, retry_after=30)

    reply = put(proxy)

    assert (reply.status, reply.headers["Retry-After"], body_of(reply)["code"]) == (status, "30", code)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert service.seen == []


def test_a_doubled_request_is_there_twice_and_the_second_reply_counts(proxy: Proxy, service: Service) -> None:
    proxy.faults.add(kind="double")

    assert body_of(put(proxy)) == {"n": 2}
    assert service.seen[0]["body"] == service.seen[1]["body"]


def test_a_delayed_reply_comes_later(proxy: Proxy) -> None:
    proxy.faults.add(kind="delay", seconds=0.3)
    begun = time.monotonic()

    put(proxy)

    assert time.monotonic() - begun >= 0.3


def test_a_portal_answers_200_with_a_page_of_its_own(proxy: Proxy, service: Service) -> None:
    proxy.faults.add(kind="portal")

    reply = put(proxy)

    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html")
    assert service.seen == []


def test_a_later_version_adds_fields_and_keeps_the_others(proxy: Proxy) -> None:
    proxy.faults.add(kind="future")

    assert body_of(put(proxy)) == {"n": 1, "x_not_yet_known": {"to": ["this", "app"]}}


def test_a_fault_meets_only_its_own_path_and_method(proxy: Proxy) -> None:
    proxy.faults.add(kind="cut", path="/pairing", method="POST")
    proxy.faults.add(kind="cut", path="/entries/", method="POST")

    assert put(proxy).status == 201
    assert put(proxy, "/pairing").status == 201


def test_what_happened_is_written_down(proxy: Proxy) -> None:
    proxy.faults.add(kind="busy", retry_after=30)
    put(proxy)
    put(proxy)

    refused, taken = proxy.exchanges
    assert (refused.method, refused.path, refused.sent) == ("PUT", "/api/v1/diary/entries/x", {"value": 3})
    assert refused.reply
    assert taken.reply
    assert (refused.has_token, refused.fault, refused.reply.status) == (True, Kind.BUSY, 503)
    assert (taken.fault, taken.reply.status) == (None, 201)
