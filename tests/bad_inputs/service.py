"""The service as a phone meets it, with eyes on what must not change: rows, the trail, the security log."""

import gc
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, DiaryEntry
from tests.bad_inputs.asks import Ask

READS = ("GET", "HEAD", "OPTIONS")
#: Of the other clinic; no answer to this phone may hold it.
FOREIGN = "foreign-marker"
#: What an answer would hold if the inside of the service showed.
INSIDE = re.compile(
    rf"Traceback|SELECT |INSERT |psycopg|pydantic|\.py\b|/site-packages/|apps\.diary|{FOREIGN}", re.IGNORECASE
)
#: By whom, what and why; nothing that was written fits in.
LOG_LINE = re.compile(
    r"refused (?:(?:PUT|POST|PATCH|DELETE|TRACE|another method) [a-z0-9/_<>:. ]*|(?:entry|answer) of a batch)"
    r" by (?:device:\d+|nobody): 4\d\d [a-z0-9_, ]+(?: \(an id of another trial\))?"
)
MOST_SECONDS = 1.0


@dataclass(frozen=True)
class Rows:
    entries: int
    answers: int
    creates: int

    @property
    def stored(self) -> int:
        return self.entries + self.answers


def count_rows() -> Rows:
    return Rows(
        DiaryEntry.objects.count(),
        DiaryAnswer.objects.count(),
        AuditEvent.objects.filter(action="create", object_type__in=["diary_entry", "diary_answer"]).count(),
    )


@contextmanager
def security_log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("security")
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)


@dataclass(frozen=True)
class Answer:
    """What came back, what it cost, and what it left behind."""

    response: Any
    before: Rows
    after: Rows
    log: list[str]
    seconds: float

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def json(self) -> Any:
        return self.response.json()


@contextmanager
def no_collection() -> Iterator[None]:
    """What a whole test run has left behind is not swept up at the cost of one request."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True)
class Phone:
    """A paired phone. A failure inside the service comes back as the answer a real one would get."""

    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def ask(self, ask: Ask) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} | dict(ask.headers)
        before = count_rows()
        with security_log() as log, no_collection():
            # Of this thread alone: on a busy machine the wall clock says nothing of the service.
            begun = time.thread_time()
            response = self.client.generic(
                ask.method,
                ask.path,
                ask.raw,
                content_type=ask.content_type,
                headers={name: value for name, value in headers.items() if value},
            )
            seconds = time.thread_time() - begun
        return Answer(response, before, count_rows(), log, seconds)


def faults_of(ask: Ask, answer: Answer) -> list[str]:
    """Everything about ``answer`` that is not as promised; none is the pass."""
    return [*_promised(ask, answer), *_global(ask, answer)]


def _promised(ask: Ask, answer: Answer) -> Iterator[str]:
    if answer.status != ask.status:
        yield f"status {answer.status}, not {ask.status}: {answer.response.content[:200]!r}"
        return
    if ask.items:
        got = tuple(result["status"] for result in answer.json["results"])
        if got != ask.items:
            yield f"items answered {got}, not {ask.items}"
    if ask.code and ask.code not in _codes(answer.json):
        yield f"code {ask.code} is not among {_codes(answer.json)}"
    if ask.pointer and [error["pointer"] for error in answer.json["errors"]] != [ask.pointer]:
        yield f"does not point at {ask.pointer} alone: {answer.json['errors']}"
    for name, value in ask.shows.items():
        if answer.json[name] != value:
            yield f"{name} is {answer.json[name]!r}, not {value!r}"


def _codes(problem: Any) -> list[str]:
    return [problem["code"], *(error["code"] for error in problem["errors"])]


def _global(ask: Ask, answer: Answer) -> Iterator[str]:
    text = answer.response.content.decode("utf-8", "replace")
    if answer.status >= 500:
        yield "answered 5xx"
    if INSIDE.search(text):
        yield f"shows the inside: {INSIDE.search(text)}"
    if answer.seconds >= MOST_SECONDS:
        yield f"took {answer.seconds:.2f} s"
    yield from _accepted_or_refused(ask, answer)


def _accepted_or_refused(ask: Ask, answer: Answer) -> Iterator[str]:
    refused = [status for status in ask.items or (answer.status,) if status >= 400]
    new = sum(status == 201 for status in ask.items or (answer.status,))
    if (answer.after.stored, answer.after.creates) != (
        answer.before.stored + new,
        answer.before.creates + new,
    ):
        yield f"rows went from {answer.before} to {answer.after}"
    if answer.status >= 400:
        yield from _is_problem(answer)
    if ask.method in READS:
        return
    if len(answer.log) != len(refused):
        yield f"{len(answer.log)} security lines for {len(refused)} refusals"
    yield from (f"security line: {line}" for line in answer.log if not LOG_LINE.fullmatch(line))


def _is_problem(answer: Answer) -> Iterator[str]:
    response = answer.response
    if response["Content-Type"] != "application/problem+json":
        yield f"is {response['Content-Type']}"
        return
    problem = answer.json
    if not problem.get("code") or not problem.get("request_id"):
        yield "has no code or no request id"
    elif problem["request_id"] != response["X-Request-Id"]:
        yield "names another request than its header"
