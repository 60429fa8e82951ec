"""Cases of the catalogue's tables as requests: the bad thing in its place, all else as it should be."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.bad_inputs.catalogue import Case
from tests.factories import make_answer_body, make_entry_body

BATCH = "/api/v1/diary/entries/batch"
#: Any instant of the trial at which an answer may have been given.
EVENING = datetime(2026, 10, 12, 17, 30, tzinfo=UTC)
OFFSET_ZONES = {"+01:00": "Europe/Berlin", "-05:00": "America/New_York"}


@dataclass(frozen=True)
class Ask:
    """One request, and what must come back. ``shows`` is a part of the answer's JSON."""

    method: str
    path: str
    raw: bytes
    status: int
    pointer: str = ""
    code: str = ""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    shows: Mapping[str, Any] = field(default_factory=dict)
    #: The status of each item, where the answer is a 207.
    items: tuple[int, ...] = ()


def entry_path(entry_id: object = None) -> str:
    return f"/api/v1/diary/entries/{quote(str(entry_id or uuid4()), safe='')}"


def answer_path(answer_id: object = None) -> str:
    return f"/api/v1/diary/answers/{quote(str(answer_id or uuid4()), safe='')}"


def with_token(body: Mapping[str, Any], **tokens: str) -> bytes:
    """``body`` as JSON, with the raw tokens in the places of those keys."""
    text = json.dumps(dict(body) | {key: f"<{key}>" for key in tokens})
    for key, token in tokens.items():
        text = text.replace(f'"<{key}>"', token)
    # Half a character cannot be sent as UTF-8; it is the service's to refuse, so it is sent all the same.
    return text.encode("utf-8", "surrogatepass")


def put_entry(case: Case, *, pointer: str = "", **tokens: str) -> Ask:
    body = make_entry_body()
    refused = case.status != 201
    code = case.expect[4:] if re.fullmatch(r"\d{3} [a-z_]+", case.expect) and refused else ""
    return Ask(
        "PUT", entry_path(), with_token(body, **tokens), case.status, pointer if refused else "", code=code
    )


def _token(case: Case) -> str:
    return str(case.content) if case.kind == "json_token" else json.dumps(case.content)


def score(case: Case) -> list[Ask]:
    if case.kind == "json_object":
        return [Ask("PUT", entry_path(), str(case.content).encode(), case.status)]
    # NaN and Infinity are no JSON at all: there the body is refused, not the field.
    pointer = "" if case.content in ("NaN", "Infinity") else "/value"
    return [put_entry(case, pointer=pointer, value=str(case.content))]


def zone_of(text: str) -> str:
    """The zone in which ``text`` is true, so that nothing but ``text`` can be refused."""
    return next((zone for offset, zone in OFFSET_ZONES.items() if text.endswith(offset)), "UTC")


def moment(case: Case) -> list[Ask]:
    zone = json.dumps(zone_of(str(case.content)))
    return [put_entry(case, pointer="/captured_at", captured_at=_token(case), zone=zone)]


def zone(case: Case) -> list[Ask]:
    name = str(case.content)
    known = case.status == 201
    local = EVENING.astimezone(ZoneInfo(name)).isoformat() if known else EVENING.isoformat()
    return [put_entry(case, pointer="/zone", zone=json.dumps(name), captured_at=json.dumps(local))]


def zone_and_moment(case: Case) -> list[Ask]:
    name, text = case.content
    texts = [text]
    if case.status == 201:  # both folds of the repeated hour
        other = datetime.fromisoformat(text).astimezone(ZoneInfo(name)).replace(fold=0)
        texts.append(other.isoformat())
    return [
        _told(
            case, put_entry(case, pointer="/captured_at", captured_at=json.dumps(one), zone=json.dumps(name))
        )
        for one in texts
    ]


def _told(case: Case, ask: Ask) -> Ask:
    """An accepted answer names the day of the wall clock that the patient saw."""
    if case.status != 201:
        return ask
    day = json.loads(ask.raw)["captured_at"][:10]
    return Ask(ask.method, ask.path, ask.raw, ask.status, shows={"diary_day": day})


def edge_of_day(case: Case) -> list[Ask]:
    """A pair or, for a flight, two: the day stated is the one of the wall clock."""
    zones, texts, _ = case.content
    names = zones.removesuffix(" flight").split(" -> ")
    moments = texts.split(" then ")
    return [
        _told(case, put_entry(case, captured_at=json.dumps(text), zone=json.dumps(name)))
        for name, text in zip(names, moments, strict=True)
    ]


def sent_day(case: Case) -> list[Ask]:
    day = str(case.content).partition(" when ")[0]
    return [_unknown(case, {"diary_day": day})]


def _unknown(case: Case, extra: Mapping[str, Any]) -> Ask:
    (name,) = extra
    body = make_entry_body() | dict(extra)
    return Ask("PUT", entry_path(), json.dumps(body).encode(), case.status, f"/{name}", "unknown_field")


def spelled_id(case: Case) -> list[Ask]:
    """In the address, and as the id of a batch's item. The plain spelling is stored before it."""
    canonical = "5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"
    body = make_entry_body()
    plain = Ask("PUT", entry_path(canonical), json.dumps(body).encode(), 201)
    if case.status == 201:
        return [plain]
    text = str(case.content)
    put = Ask("PUT", entry_path(text), json.dumps(body).encode(), case.status, "/id", "not_uuid4")
    return [plain, put, batch_id(case, json.dumps(text))]


def batch_id(case: Case, token: str) -> Ask:
    raw = b'{"entries": [' + with_token(make_entry_body(id=""), id=token) + b"]}"
    return Ask("POST", BATCH, raw, 207, items=(case.status,))


def raw_id(case: Case) -> list[Ask]:
    return [batch_id(case, str(case.content))]


def extra_field(case: Case) -> list[Ask]:
    return [_unknown(case, json.loads(case.content))]


def note(case: Case) -> list[Ask]:
    content = json.loads(case.content) if case.kind == "json_token" else case.content
    body = make_answer_body("note", {"text": content})
    shows = {"answer": {"text": content}} if case.status == 201 else {}
    pointer = "" if case.status == 201 else "/answer"
    return [Ask("PUT", answer_path(), json.dumps(body).encode(), case.status, pointer, shows=shows)]


def whole_body(case: Case) -> list[Ask]:
    return [Ask("PUT", entry_path(), str(case.content).encode(), case.status)]


def json_column(case: Case) -> list[Ask]:
    """`answer` is the one field that is stored as JSON; a question of each form is asked."""
    raw = str(case.content)
    return [
        Ask("PUT", answer_path(), with_token(make_answer_body(question), answer=raw), case.status)
        for question in ("sleep", "go_ahead", "red_flags", "note")
    ]


def content_type(case: Case) -> list[Ask]:
    sent, _, _ = str(case.content).partition(" with UTF-16 bytes")
    text = json.dumps(make_entry_body())
    raw = text.encode("utf-16" if "utf-16" in sent else "utf-8")
    return [Ask("PUT", entry_path(), raw, case.status, code="unsupported_media_type", content_type=sent)]


Build = Callable[[Case], list[Ask]]
#: By group and kind; the JSON group and the headers are told apart by what the input is.
TABLES: Mapping[tuple[str, str], Build] = {
    ("score", "json_token"): score,
    ("score", "json_object"): score,
    ("datetime", "json_string"): moment,
    ("datetime", "json_token"): moment,
    ("zone", "json_string"): zone,
    ("zone", "pair"): zone_and_moment,
    ("diary_day", "pair"): edge_of_day,
    ("diary_day", "json_string"): sent_day,
    ("ids", "json_string"): spelled_id,
    ("ids", "json_token"): raw_id,
    ("ids", "json_object"): extra_field,
    ("text", "json_string"): note,
    ("text", "json_token"): note,
    ("json", "raw"): whole_body,
}
JSON_COLUMN = ("J017", "J018", "J019")
CONTENT_TYPES = ("H003", "H004", "H005", "H007", "H008")
#: Not one request but a comparison, in test_foreign.py; or a day to come, in test_clocks.py.
NOT_A_TABLE = ("I022", "I025", "T004", "D011")


def asks_of(case: Case) -> list[Ask]:
    """The requests of one case; none when it is not of a table."""
    if case.elsewhere or case.id in NOT_A_TABLE:
        return []
    if case.id in JSON_COLUMN:
        return json_column(case)
    if case.id in CONTENT_TYPES:
        return content_type(case)
    build = TABLES.get((case.group, case.kind))
    return build(case) if build else []
