"""Golden replies are held against a running server, so a change of either side is seen."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from kit import golden
from kit.control import Control
from kit.placeholders import PATTERNS, PLACEHOLDER
from kit.sandbox import Sandbox
from tests.app_kit.conftest import KIT

FILES = sorted((KIT / "golden").glob("*.json"))
JOINING: dict[str, Any] = json.loads((KIT / "golden" / "joining.json").read_text(encoding="utf-8"))


def changed(folder: Path, *, exchange: int, part: str, value: Any) -> golden.Golden:
    """`joining.json` with one part of one reply made wrong."""
    raw = copy.deepcopy(JOINING)
    place = raw["exchanges"][exchange]["reply"]
    *way, last = part.split("/")
    for step in way:
        place = place[step]
    place[last] = value
    path = folder / "changed.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return golden.read(path)


@pytest.mark.parametrize(
    ("part", "value", "code", "found"),
    [
        ("status", 200, "status", "201"),
        ("headers/API-Version", "0.9", "header", "1."),
        ("headers/Sunset", "never", "header", "None"),
        ("body/holder", "proxy", "body", "patient"),
        ("body/trial/id", "<uuid4:attempt>", "body", "-"),
        ("body/colour", "green", "body", "nothing"),
    ],
)
def test_a_reply_that_is_not_golden_is_found(
    part: str, value: Any, code: str, found: str, sandbox: Sandbox, control: Control, tmp_path: Path
) -> None:
    file = changed(tmp_path, exchange=1, part=part, value=value)

    (difference,) = golden.replay(file, server=sandbox.url, control=control)

    assert (difference.code, found in str(difference.found)) == (code, True)
    assert "the code as it was typed" in difference.where


def test_a_key_that_the_server_adds_is_found(sandbox: Sandbox, control: Control, tmp_path: Path) -> None:
    body = {
        key: value for key, value in JOINING["exchanges"][1]["reply"]["body"].items() if key != "server_time"
    }
    file = changed(tmp_path, exchange=1, part="body", value=body)

    (difference,) = golden.replay(file, server=sandbox.url, control=control)

    assert difference.where.endswith("/server_time")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_exchange_says_what_it_is_about_and_who_is_asked(path: Path) -> None:
    file = golden.read(path)
    exchanges = [one for one in file.exchanges if "staff" not in one]

    assert exchanges
    assert all(one["name"] and one["request"]["path"].startswith("/api/v1/") for one in exchanges)
    kinds = {found[1] for found in PLACEHOLDER.finditer(path.read_text(encoding="utf-8"))}
    assert kinds <= PATTERNS.keys() | {"token", "server"}


def test_every_operation_of_the_api_has_a_golden_exchange() -> None:
    """The operations of openapi.yaml, by their first words: what an app maker looks up here is here."""
    asked = {
        (one["request"]["method"], one["request"]["path"].partition("?")[0].split("<")[0])
        for path in FILES
        for one in golden.read(path).exchanges
        if "staff" not in one
    }

    assert asked >= {
        ("POST", "/api/v1/pairing"),
        ("GET", "/api/v1/diary/today"),
        ("PUT", "/api/v1/diary/entries/"),
        ("GET", "/api/v1/diary/entries/"),
        ("GET", "/api/v1/diary/entries"),
        ("POST", "/api/v1/diary/entries/batch"),
        ("PUT", "/api/v1/diary/answers/"),
        ("GET", "/api/v1/diary/answers/"),
        ("PUT", "/api/v1/diary/corrections/"),
        ("GET", "/api/v1/diary/corrections/"),
        ("GET", "/api/v1/diary/corrections"),
        ("PUT", "/api/v1/consent/"),
        ("GET", "/api/v1/consent/"),
        ("GET", "/api/v1/device"),
        ("PUT", "/api/v1/device"),
        ("DELETE", "/api/v1/device"),
    }
