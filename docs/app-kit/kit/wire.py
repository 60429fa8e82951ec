"""Rules for what a phone sends, whatever else happens: read off what its network saw."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kit.compare import Difference
from kit.faults import UNSEEN
from kit.proxy import Exchange

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SINGLE = re.compile(r"/api/v1/diary/(?:entries|answers)/([^/?]+)")
BATCH = "/api/v1/diary/entries/batch"
#: Refusals that a right app can meet: other phones, staff, and time go on. All others are the app's fault.
BAD_LUCK = {
    "after_trial",
    "already_superseded",
    "code_refused",
    "consent_withdrawn",
    "slot_taken",
    "token_refused",
    "too_many_requests",
    "trial_closed",
    "unavailable",
}
#: An app that asks more often than this in one step of a scenario is in a loop.
MOST_REQUESTS_A_MINUTE = 100


def check_wire(exchanges: Sequence[Exchange], *, phone: str) -> list[Difference]:
    return [difference for rule in RULES for difference in rule(exchanges, phone)]


def sent_answers(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, str, Mapping[str, Any]]]:
    """Each answer on its way, with its id, single or in a batch."""
    for exchange in exchanges:
        if exchange.path.partition("?")[0] == BATCH and isinstance(exchange.sent, dict):
            for part in ("entries", "answers"):
                for item in exchange.sent.get(part, []):
                    body = {key: value for key, value in item.items() if key != "id"}
                    yield exchange, str(item.get("id")), body
        elif exchange.method == "PUT" and (found := SINGLE.match(exchange.path)):
            yield exchange, found[1], exchange.sent if isinstance(exchange.sent, dict) else {}


def _is_answer(exchange: Exchange) -> bool:
    return any(True for _ in sent_answers([exchange]))


def _ids(exchanges: Sequence[Exchange], phone: str) -> Iterator[Difference]:
    """An id is a UUIDv4 of the phone's own and stands for one answer, byte for byte."""
    bodies: dict[str, str] = {}
    for _, sent_id, body in sent_answers(exchanges):
        if not UUID4.fullmatch(sent_id):
            yield Difference(code="not_uuid4", where=phone, expected="a lower-case UUIDv4", found=sent_id)
        text = json.dumps(body, sort_keys=True)
        if bodies.setdefault(sent_id, text) != text:
            yield Difference(code="body_changed", where=phone, expected=bodies[sent_id], found=text)


def _retry_after(exchanges: Sequence[Exchange], phone: str) -> Iterator[Difference]:
    """Told to wait when it sent an answer, the phone sends none before the time is over."""
    until: datetime | None = None
    for exchange in filter(_is_answer, exchanges):
        if until and exchange.at < until:
            yield Difference(
                code="too_soon",
                where=phone,
                expected=f"not before {until:%H:%M:%S}",
                found=f"{exchange.at:%H:%M:%S}",
            )
        if exchange.reply and (seconds := exchange.reply.header("Retry-After")):
            # Half a second for a phone that rounds.
            until = exchange.at + timedelta(seconds=float(seconds) - 0.5)


def _refused(exchanges: Sequence[Exchange], phone: str) -> Iterator[Difference]:
    for exchange in exchanges:
        if exchange.reply is None or exchange.fault in UNSEEN:
            continue
        for problem in _problems(exchange.reply.json()):
            errors = problem.get("errors") or [problem]
            if wrong := [error for error in errors if error.get("code") not in BAD_LUCK]:
                where = f"{phone}: {exchange.method} {exchange.path.partition('?')[0]}"
                yield Difference(code="refused", where=where, expected="taken", found=wrong)


def _problems(reply: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(reply, dict):
        yield from [reply] if "errors" in reply else []
        yield from (
            part["problem"]
            for part in reply.get("results", [])
            if isinstance(part, dict) and "problem" in part
        )


def _secrets(exchanges: Sequence[Exchange], phone: str) -> Iterator[Difference]:
    """The token travels in its header, and answers never travel without it."""
    for exchange in exchanges:
        if "token=" in exchange.path or "join=" in exchange.path:
            yield Difference(code="secret_in_address", where=phone, expected="none", found=exchange.path)
        if not exchange.has_token and _is_answer(exchange):
            yield Difference(
                code="no_token", where=phone, expected="Authorization: Bearer", found=exchange.path
            )


def _not_a_flood(exchanges: Sequence[Exchange], phone: str) -> Iterator[Difference]:
    times = [exchange.at for exchange in exchanges if exchange.path.startswith("/api/")]
    for n, at in enumerate(times[MOST_REQUESTS_A_MINUTE:]):
        if at - times[n] < timedelta(minutes=1):
            found = f"{MOST_REQUESTS_A_MINUTE} in {at - times[n]}"
            yield Difference(code="flood", where=phone, expected="fewer than 100 calls a minute", found=found)
            return


Rule = Callable[[Sequence[Exchange], str], Iterator[Difference]]
RULES: tuple[Rule, ...] = (_ids, _retry_after, _refused, _secrets, _not_a_flood)
