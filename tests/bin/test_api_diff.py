"""A change that could break a phone in the field must be seen, whatever it is."""

import copy
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ROOT / "docs" / "api"
# A released contract is never edited: phones in the field were built on it.
FROZEN = {"openapi-1.0.yaml": "c2c618d96bd508a8b14b4fd6071422bb3904f1ab9a408a598c9c1e32cc54db9a"}

ENTRY = ("paths", "/api/v1/diary/entries/{entry_id}")
PUT, GET = (*ENTRY, "put"), (*ENTRY, "get")
BATCH = ("paths", "/api/v1/diary/entries/batch", "post")
PAIRING = ("paths", "/api/v1/pairing", "post")
JSON = ("content", "application/json")
NEW_PARAMETER = {"in": "query", "name": "lang", "schema": {"type": "string"}}
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def api_diff(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "bin"))
    import api_diff

    yield api_diff
    for name in ("api_diff", "api_schemas"):
        sys.modules.pop(name, None)


@pytest.fixture
def released(api_diff: ModuleType) -> dict[str, Any]:
    """The first contract, with what it lacks for some of the changes below."""
    document: dict[str, Any] = api_diff.read(RELEASES / "openapi-1.0.yaml")
    for edit in ENRICHING:
        edit(document)
    return document


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        document = document[part]
    return document


def put(path: tuple[Any, ...], value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        at(document, path[:-1])[path[-1]] = value

    return edit


def drop(*path: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        del at(document, path[:-1])[path[-1]]

    return edit


def append(path: tuple[Any, ...], value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        at(document, path).append(value)

    return edit


def both(first: Edit, second: Edit) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        first(document)
        second(document)

    return edit


def schema(*path: Any) -> tuple[Any, ...]:
    return ("components", "schemas", *path)


ENRICHING = (
    put(schema("EntryOut", "properties", "scale"), {"enum": ["nrs-11", "vas-101"]}),
    put((*BATCH, "parameters"), [{"in": "query", "name": "dry_run", "schema": {"type": "boolean"}}]),
    put((*BATCH, "requestBody", "required"), False),
    put((*BATCH, "responses", "207", "headers"), {"ETag": {"schema": {"type": "string"}}}),
    put((*BATCH, "deprecated"), True),
)
BREAKING: dict[str, tuple[Edit, str]] = {
    "a path goes": (drop("paths", "/api/v1/pairing"), "operation removed: POST /api/v1/pairing"),
    "an operation goes": (drop(*GET), "operation removed: GET"),
    "an operation is renamed": (put((*GET, "operationId"), "read_entry"), "operation renamed"),
    "a parameter goes": (put((*GET, "parameters"), []), "parameter removed: path entry_id"),
    "a parameter is asked for": (
        append((*GET, "parameters"), NEW_PARAMETER | {"required": True}),
        "required parameter added: query lang",
    ),
    "a parameter takes less": (
        put((*GET, "parameters", 0, "schema"), {"type": "string", "maxLength": 36}),
        "request maxLength narrowed",
    ),
    "a body is asked for": (
        put((*GET, "requestBody"), {"required": True, "content": {}}),
        "required body added",
    ),
    "a body goes": (drop(*PAIRING, "requestBody"), "body removed"),
    "a status goes": (drop(*PUT, "responses", "409"), "status removed: 409"),
    "a media type goes": (drop(*PUT, "responses", "200", *JSON), "media type removed: application/json"),
    "an error code goes": (
        put((*PUT, "responses", "409", "description"), "`entry_conflict`: another answer."),
        "error code removed: trial_closed",
    ),
    "a door is shut": (put((*PAIRING, "security"), [{"deviceToken": []}]), "security tightened"),
    "a second key is asked for": (
        put((*GET, "security"), [{"deviceToken": [], "clinicKey": []}]),
        "security tightened",
    ),
    "the key is another": (
        put(("components", "securitySchemes", "deviceToken"), {"type": "apiKey"}),
        "security scheme changed",
    ),
    "the service moves": (put(("servers",), [{"url": "/v2"}]), "server removed: /"),
    "a field to send is asked for": (
        append(schema("EntryBody", "required"), "app_version"),
        "request required narrowed: app_version",
    ),
    "a new field must be sent": (
        both(
            put(schema("EntryBody", "properties", "mood"), {"type": "string"}),
            append(schema("EntryBody", "required"), "mood"),
        ),
        "request required field added: mood",
    ),
    "a field to send is refused": (
        drop(*schema("EntryBody", "properties", "app_version")),
        "request field removed: app_version",
    ),
    "a value to send is refused": (
        put(schema("KindEnum", "enum"), ["average", "worst", "least"]),
        "request value narrowed: 'current'",
    ),
    "a text to send must be shorter": (
        put(schema("PairingBody", "properties", "code", "maxLength"), 9),
        "request maxLength narrowed: 16 to 9",
    ),
    "a text to send has another form": (
        put(schema("EntryBody", "properties", "region", "pattern"), "^target$"),
        "request pattern narrowed",
    ),
    "a number to send is of another type": (
        put(schema("EntryBody", "properties", "value", "type"), "string"),
        "request type narrowed: no longer integer Value",
    ),
    "fewer things fit into a list": (
        put(schema("BatchBody", "properties", "entries", "maxItems"), 50),
        "request maxItems narrowed: 500 to 50",
    ),
    "unknown fields are refused": (
        put(schema("BatchBody", "additionalProperties"), False),
        "request unknown fields narrowed",
    ),
    "a field to read goes": (
        drop(*schema("EntryOut", "properties", "receipt")),
        "response field removed: receipt",
    ),
    "a field to read may be missing": (
        put(schema("ClinicOut", "required"), ["name"]),
        "response required widened: phone",
    ),
    "a field to read may be null": (
        put(schema("ClinicOut", "properties", "phone", "type"), ["string", "null"]),
        "response type widened: now also null",
    ),
    "a field to read is of another type": (
        put(schema("EntryOut", "properties", "value", "type"), "number"),
        "response type widened: now also number",
    ),
    "a closed list to read grows": (
        put(schema("EntryOut", "properties", "scale"), {"enum": ["nrs-11", "vas-101", "other"]}),
        "response value widened: 'other'",
    ),
    "a parameter must be sent": (
        put((*BATCH, "parameters", 0, "required"), True),
        "parameter made required: dry_run",
    ),
    "a body must be sent": (put((*BATCH, "requestBody", "required"), True), "body made required"),
    "a header goes": (drop(*BATCH, "responses", "207", "headers", "ETag"), "header removed: ETag"),
}
ADDING: dict[str, tuple[Edit, str]] = {
    "an operation comes": (
        put(("paths", "/api/v1/device"), {"get": {"responses": {}}}),
        "operation added: GET /api/v1/device",
    ),
    "an operation is on its way out": (put((*GET, "deprecated"), True), "operation deprecated"),
    "a parameter may be sent": (append((*GET, "parameters"), NEW_PARAMETER), "parameter added: query lang"),
    "an operation stays after all": (drop(*BATCH, "deprecated"), "operation no longer deprecated"),
    "a second address": (append(("servers",), {"url": "/mirror"}), "server added: /mirror"),
    "a parameter need not be sent": (
        put((*GET, "parameters", 0, "required"), False),
        "parameter made optional: entry_id",
    ),
    "a body may be sent": (put((*GET, "requestBody"), {"content": {}}), "body added"),
    "a second media type": (
        put((*PUT, "responses", "200", "content", "text/csv"), {}),
        "media type added: text/csv",
    ),
    "a body need not be sent": (put((*PUT, "requestBody", "required"), False), "body made optional"),
    "a status comes": (put((*GET, "responses", "429"), {"description": ""}), "status added: 429"),
    "a header comes": (
        put((*GET, "responses", "200", "headers"), {"ETag": {"schema": {"type": "string"}}}),
        "header added: ETag",
    ),
    "an error code comes": (
        put((*GET, "responses", "404", "description"), "`not_found`: no such entry."),
        "error code added: not_found",
    ),
    "a door is opened": (put((*GET, "security"), [{"deviceToken": []}, {}]), "security loosened"),
    "a field may be sent": (
        put(schema("EntryBody", "properties", "mood"), {"type": "string"}),
        "request field added: mood",
    ),
    "a field need not be sent": (
        put(schema("PairingBody", "required"), []),
        "request required widened: code",
    ),
    "a field that need not be sent means another thing": (
        put(schema("EntryBody", "properties", "originator", "default"), None),
        "request default changed: 'patient' to None",
    ),
    "a value may be sent": (append(schema("KindEnum", "enum"), "usual"), "request value widened: 'usual'"),
    "a text to send may be longer": (
        put(schema("PairingBody", "properties", "code", "maxLength"), 22),
        "request maxLength widened: 16 to 22",
    ),
    "a field to read comes": (
        put(schema("EntryOut", "properties", "window"), {"type": "integer"}),
        "response field added: window",
    ),
    "a field to read is always there": (
        append(schema("BatchResultOut", "required"), "entry"),
        "response required narrowed: entry",
    ),
}
WORDS: dict[str, Edit] = {
    "a summary": put((*PUT, "summary"), "Send an answer"),
    "a description": put(schema("EntryOut", "description"), "What was stored."),
    "an example": put(schema("EntryBody", "properties", "value", "examples"), [5]),
    "the title of the whole": put(("info", "title"), "The API"),
    "the order of the fields": put(schema("ClinicOut", "required"), ["phone", "name"]),
}


def edited(document: dict[str, Any], edit: Edit, *, version: str = "1.0.0") -> dict[str, Any]:
    copied = copy.deepcopy(document)
    edit(copied)
    copied["info"]["version"] = version
    return copied


def told(api_diff: ModuleType, old: dict[str, Any], new: dict[str, Any]) -> tuple[bool, str]:
    lines: list[str] = []
    sound = api_diff.report(old, new, say=lines.append)
    return sound, "\n".join(lines)


@pytest.mark.parametrize("planted", BREAKING)
def test_what_breaks_a_phone_needs_a_major_step(
    api_diff: ModuleType, released: dict[str, Any], planted: str
) -> None:
    edit, rule = BREAKING[planted]

    sound, said = told(api_diff, released, edited(released, edit, version="1.1.0"))

    assert not sound
    assert [line for line in said.splitlines() if line.startswith("major: ") and rule in line]
    assert told(api_diff, released, edited(released, edit, version="2.0.0"))[0]


@pytest.mark.parametrize("planted", ADDING)
def test_what_is_new_needs_a_minor_step(api_diff: ModuleType, released: dict[str, Any], planted: str) -> None:
    edit, rule = ADDING[planted]

    sound, said = told(api_diff, released, edited(released, edit, version="1.0.1"))

    assert not sound
    assert "ask for MINOR" in said
    assert rule in said
    assert told(api_diff, released, edited(released, edit, version="1.1.0"))[0]


@pytest.mark.parametrize("planted", WORDS)
def test_better_words_need_no_step(api_diff: ModuleType, released: dict[str, Any], planted: str) -> None:
    assert api_diff.changes_between(released, edited(released, WORDS[planted])) == []


def test_every_rule_is_planted(api_diff: ModuleType) -> None:
    """A rule that no planted change meets may be missing without anybody noticing."""
    met = {rule.partition(":")[0] for _, rule in (*BREAKING.values(), *ADDING.values())}

    assert set(api_diff.STEPS) - met == set()


def test_a_version_does_not_go_back(api_diff: ModuleType, released: dict[str, Any]) -> None:
    older = edited(released, WORDS["a summary"], version="0.9.0")

    assert not told(api_diff, released, older)[0]


def test_the_newest_release_is_the_one_to_compare_with(api_diff: ModuleType, tmp_path: Path) -> None:
    for version in ("1.2.0", "1.10.0", "1.9.0"):
        (tmp_path / f"openapi-{version}.yaml").write_text(f"info: {{version: {version}}}")

    assert api_diff.last_released(tmp_path)["info"]["version"] == "1.10.0"


def test_a_released_contract_stays_as_it_was_released() -> None:
    released = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in RELEASES.glob("openapi-*.yaml")
    }

    assert released == FROZEN


def test_releases_are_named_by_their_versions(api_diff: ModuleType) -> None:
    for name in FROZEN:
        version = api_diff.read(RELEASES / name)["info"]["version"]
        assert name == f"openapi-{version.rpartition('.')[0]}.yaml"


def test_every_version_stands_in_the_changelog(api_diff: ModuleType) -> None:
    documents = [ROOT / "openapi.yaml", *(RELEASES / name for name in FROZEN)]
    changelog = (ROOT / "docs" / "api-changelog.md").read_text(encoding="utf-8")

    for document in documents:
        assert f"## {api_diff.read(document)['info']['version']}" in changelog
