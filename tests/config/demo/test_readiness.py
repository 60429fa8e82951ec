"""When the demo counts as up."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from config.demo import readiness
from config.demo.children import Children
from config.demo.errors import DemoError, ProcessError
from config.embedded.guard import Guard


class Alive(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    guard = Guard()
    yield Children(logs=tmp_path, guard=guard, environment=os.environ)
    guard.close()


def test_a_page_counts_when_it_comes_whatever_proxy_is_named(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert readiness.answers(port, "/livez")
    assert not readiness.answers(port, "/readyz")
    assert not readiness.answers(1, "/livez")


def test_it_waits_for_the_web(port: int, children: Children) -> None:
    readiness.wait_for_web(children, port=port)


def test_a_web_that_never_answers_is_told_with_where_to_look(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "WEB_PATIENCE", 0.3)

    with pytest.raises(DemoError, match="did not answer within") as caught:
        readiness.wait_for_web(children, port=1)

    assert str(children.logs) in caught.value.remedy


def test_a_process_that_died_ends_the_waiting_at_once(children: Children) -> None:
    children.start("web", "-c", "raise SystemExit('no settings')")
    children.running[0].process.wait()

    with pytest.raises(ProcessError, match="no settings"):
        readiness.wait_for_web(children, port=1)
    children.stop()
