"""How much one phone may ask. A token bucket in Redis; without Redis everything is let through.

An answer is never dropped: a refused request says when to come again, and the phone keeps the answer.
"""

import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from threading import local
from typing import Any, ClassVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.diary.models import PatientDevice

logger = logging.getLogger(__name__)
# The bucket refills evenly; Redis's own clock counts, so that hosts need not agree on theirs.
BUCKET = """
local size, span = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
tokens = math.min(size, tokens + (now - at) * size / (span * 1000))
local taken = tokens >= 1
if taken then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('EXPIRE', KEYS[1], span)
local wait = taken and 0 or math.ceil((1 - tokens) * span / size)
return string.format('%d %d %d', taken and 1 or 0, math.floor(tokens), wait)
"""
# EVALSHA by the script's own name, with one key and two arguments, as Redis reads it (RESP): to have the
# client put these words together takes as long as the limit itself.
ASK = (
    b"*6\r\n$7\r\nEVALSHA\r\n$40\r\n"
    + sha1(BUCKET.encode()).hexdigest().encode()  # noqa: S324  (Redis names scripts so)
    + b"\r\n$1\r\n1\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n"
)
#: After Redis failed it is left alone for so long: a phone must not wait for a limit.
REST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Rate:
    """``number`` requests in ``seconds``."""

    name: str
    number: int
    seconds: int

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.number};w={self.seconds}'


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this request; ``retry_after`` is 0 when it was let through."""

    rate: Rate
    remaining: int
    retry_after: int

    @property
    def header(self) -> str:
        rate = self.rate
        full_again = math.ceil((rate.number - self.remaining) * rate.seconds / rate.number)
        return f'"{rate.name}";r={self.remaining};t={full_again}'


def rate_of(name: str) -> Rate:
    return _read_rate(name, settings.RATE_LIMITS[name])


@lru_cache
def _read_rate(name: str, text: str) -> Rate:
    number, _, seconds = text.partition("/")
    return Rate(name, int(number), int(seconds))


class Line(local):
    """This thread's connection to Redis. The client around it would take longer than the limit itself."""

    connection: Any = None

    def ask(self, key: bytes, number: bytes, seconds: bytes) -> bytes:
        """The bucket's answer; a connection that broke since the last time is made anew, once."""
        if self.connection is None:
            self.connection = _connection()
        try:
            return self._ask(key, number, seconds)
        except redis.ConnectionError:
            self.connection.disconnect()
            return self._ask(key, number, seconds)

    def _ask(self, key: bytes, number: bytes, seconds: bytes) -> bytes:
        command = ASK % (len(key), key, len(number), number, len(seconds), seconds)
        try:
            self.connection.send_packed_command([command])
            answer: bytes = self.connection.read_response()
        except redis.exceptions.NoScriptError:
            self.connection.send_command("EVAL", BUCKET, 1, key, number, seconds)
            answer = self.connection.read_response()
        return answer


def _connection() -> Any:
    url = settings.REDIS_URL.replace("redis+socket://", "unix://")
    pool = redis.ConnectionPool.from_url(
        url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=Retry(NoBackoff(), 0)
    )
    return pool.make_connection()


LINE = Line()


class _Rest:
    until: ClassVar[float] = 0.0


def take(rate: Rate, *, whose: str) -> Allowance | None:
    """One token of ``whose`` bucket; None when Redis cannot be asked."""
    if time.monotonic() < _Rest.until:
        return None
    try:
        key = f"rate:{rate.name}:{whose}".encode()
        answer = LINE.ask(key, b"%d" % rate.number, b"%d" % rate.seconds)
    except (redis.RedisError, OSError) as error:
        _Rest.until = time.monotonic() + REST_SECONDS
        logger.warning("no limit is kept for now: %s", type(error).__name__)
        return None
    taken, remaining, wait = map(int, answer.split())
    return Allowance(rate, remaining, 0 if taken else max(1, wait))


class BucketThrottle(BaseThrottle):
    """Leaves the allowance on the request, for the answer's headers."""

    rate_name: ClassVar[str]

    def whose(self, request: Request) -> str | None:
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        whose = self.whose(request)
        self.allowance = take(rate_of(self.rate_name), whose=whose) if whose else None
        request._request.allowance = self.allowance  # type: ignore[attr-defined]
        return self.allowance is None or self.allowance.retry_after == 0

    def wait(self) -> float | None:
        return self.allowance.retry_after if self.allowance else None


class DeviceThrottle(BucketThrottle):
    rate_name = "device"

    def whose(self, request: Request) -> str | None:
        device = request.auth
        return str(device.pk) if isinstance(device, PatientDevice) else None


class PairingThrottle(BucketThrottle):
    rate_name = "pairing"

    def whose(self, request: Request) -> str | None:
        return client_address(request)


def client_address(request: Request) -> str:
    """The address of the nearest hop that we can trust; anybody can write X-Forwarded-For."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip()[:64] or request.META.get("REMOTE_ADDR", "")
