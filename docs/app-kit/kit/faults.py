"""What can go wrong between a phone and the server, one request at a time."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    #: The server stores the answer; its reply never arrives.
    DROP_REPLY = "drop_reply"
    #: The connection breaks before the server has seen anything.
    CUT = "cut"
    #: 503 with Retry-After; the server has not seen it.
    BUSY = "busy"
    #: 429 with Retry-After; the server has not seen it.
    TOO_MANY = "too_many"
    #: The server gets the request twice; the phone gets the second reply.
    DOUBLE = "double"
    #: The reply comes `seconds` later.
    DELAY = "delay"
    #: A hotel's login page, with status 200, in place of the server.
    PORTAL = "portal"
    #: The reply carries fields that do not exist yet.
    FUTURE = "future"


#: Kinds that answer in the server's place or keep the request from it.
UNSEEN = frozenset({Kind.CUT, Kind.BUSY, Kind.TOO_MANY, Kind.PORTAL})


@dataclass(kw_only=True)
class Fault:
    """`times` requests whose path holds `path` meet it."""

    kind: Kind
    times: int = 1
    path: str = "/api/v1/"
    method: str = ""
    retry_after: int = 5
    seconds: float = 0.0

    def meets(self, *, method: str, path: str) -> bool:
        return self.times > 0 and self.path in path and self.method in ("", method)


@dataclass
class Faults:
    """Those that still wait for their requests; asked from the proxy's threads."""

    offline: bool = False
    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **fields: Any) -> None:
        with self._lock:
            self.waiting.append(Fault(**fields | {"kind": Kind(fields["kind"])}))

    def clear(self) -> None:
        with self._lock:
            self.waiting.clear()

    def take(self, *, method: str, path: str) -> Fault | None:
        with self._lock:
            found = next((fault for fault in self.waiting if fault.meets(method=method, path=path)), None)
            if found is not None:
                found.times -= 1
            return found
