"""Requests that are let go at the same moment, each from a thread and a database connection of its own."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client

MOST_WAIT = 120.0
Send = Callable[[], Any]


@contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """A pool whose connections are closed with it, so that the tables can be emptied afterwards."""
    with ThreadPoolExecutor(number) as pool:
        yield pool
        barrier = threading.Barrier(number)
        for done in [pool.submit(_close, barrier) for _ in range(number)]:
            done.result()


def _close(barrier: threading.Barrier) -> None:
    barrier.wait(MOST_WAIT)  # so that each thread closes its own
    connection.close()


def at_once(pool: ThreadPoolExecutor, sends: Sequence[Send]) -> list[Any]:
    """The answers, in the order of ``sends``."""
    barrier = threading.Barrier(len(sends))

    def go(send: Send) -> Any:
        barrier.wait(MOST_WAIT)
        return send()

    return [one.result() for one in [pool.submit(go, send) for send in sends]]


def put(token: str, path: str, body: Any) -> Send:
    return _send("put", f"/api/v1/{path}", body, {"Authorization": f"Bearer {token}"})


def post(path: str, body: Any, *, token: str = "") -> Send:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return _send("post", f"/api/v1/{path}", body, headers)


def _send(method: str, path: str, body: Any, headers: dict[str, str]) -> Send:
    text = json.dumps(body)

    def send() -> Any:
        client = Client(raise_request_exception=False)
        return getattr(client, method)(path, text, content_type="application/json", headers=headers)

    return send
