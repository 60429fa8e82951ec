"""The load: requests that are bytes already, sent from a process of its own over a few connections at once.

python -m bench.load < PLAN > FOUND      both JSON; started by `send`
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from statistics import quantiles
from threading import Thread

from bench.servers import HOST, ROOT

TIMEOUT = 30.0
LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    body: str


@dataclass(frozen=True)
class Found:
    """What came back, in the order sent, and how long all of it took."""

    answers: list[Answer]
    seconds: float

    def statuses(self) -> set[int]:
        return {answer.status for answer in self.answers}

    def percentiles(self) -> tuple[float, float]:
        """The median and the 99th percentile, in milliseconds."""
        cuts = quantiles([answer.seconds * 1000 for answer in self.answers], n=100, method="inclusive")
        return cuts[49], cuts[98]


def send(requests: Sequence[bytes], *, port: int, connections: int, keep_alive: bool) -> Found:
    plan = {
        "port": port,
        "connections": connections,
        "keep_alive": keep_alive,
        "requests": [request.decode("latin-1") for request in requests],
    }
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(
        command, input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    )
    found = json.loads(done.stdout)
    return Found([Answer(**answer) for answer in found["answers"]], found["seconds"])


class Connection:
    """One after the other over one socket, or a socket each."""

    def __init__(self, port: int, *, keep_alive: bool) -> None:
        self._port, self._keep_alive = port, keep_alive
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        begun = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=TIMEOUT)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, body = _read(self._socket)
        if not self._keep_alive:
            self.close()
        seconds = time.perf_counter() - begun
        return Answer(int(head.split(b" ", 2)[1]), seconds, body.decode("utf-8", "replace"))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _read(source: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(source)
    head, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = fields.get(b"content-length")
    # Without middleware nothing counts the body, and gunicorn sends it in chunks.
    while len(body) < int(length) if length else not body.endswith(LAST_CHUNK):
        body += _more(source)
    return head, body


def _more(source: socket.socket) -> bytes:
    received = source.recv(65536)
    if not received:
        raise ConnectionError("the server closed before its answer was whole")
    return received


def _work(
    connection: Connection, waiting: "SimpleQueue[tuple[int, bytes]]", found: dict[int, Answer]
) -> None:
    try:
        while True:
            number, request = waiting.get_nowait()
            found[number] = connection.ask(request)
    except Empty:
        connection.close()


def run(requests: Sequence[bytes], *, port: int, connections: int, keep_alive: bool) -> Found:
    waiting: SimpleQueue[tuple[int, bytes]] = SimpleQueue()
    for each in enumerate(requests):
        waiting.put(each)
    answers: dict[int, Answer] = {}
    lines = [
        Thread(target=_work, args=(Connection(port, keep_alive=keep_alive), waiting, answers))
        for _ in range(connections)
    ]
    begun = time.perf_counter()
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    seconds = time.perf_counter() - begun
    # A connection that broke leaves a hole, and the hole is an error here.
    return Found([answers[number] for number in range(len(requests))], seconds)


def main() -> None:
    plan = json.load(sys.stdin)
    requests = [request.encode("latin-1") for request in plan.pop("requests")]
    json.dump(asdict(run(requests, **plan)), sys.stdout)


if __name__ == "__main__":
    main()
