"""What may be sent must not shrink, what may be read must not grow: on forms that may come one day."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BIN = Path(__file__).resolve().parents[2] / "bin"
TEXT, NUMBER, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
DOCUMENT = {
    "components": {
        "schemas": {
            "Text": TEXT,
            "Tree": {"properties": {"branch": {"$ref": "#/components/schemas/Tree"}, "leaf": TEXT}},
        }
    }
}
ONE_OF = {"oneOf": [{"title": "A", "type": "object"}, {"title": "B", "type": "object"}]}


@pytest.fixture
def api_schemas(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(BIN))
    import api_schemas

    yield api_schemas
    sys.modules.pop("api_schemas", None)


def rules(api_schemas: ModuleType, old: Any, new: Any) -> list[str]:
    reader = api_schemas.Reader(DOCUMENT, DOCUMENT, "request", "here")
    return [
        change.rule.removeprefix("request ") for change in api_schemas.changes_of_schema(old, new, reader)
    ]


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({"anyOf": [TEXT, NULL]}, {"type": ["string", "null"]}),
        ({"$ref": "#/components/schemas/Text"}, TEXT),
        ({"allOf": [{"$ref": "#/components/schemas/Text"}], "title": "Named"}, TEXT),
        ({"const": "a", "type": "string"}, {"enum": ["a"]}),
        (
            {"allOf": [{"properties": {"a": TEXT}, "required": ["a"]}, {"properties": {"b": TEXT}}]},
            {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a"]},
        ),
        (ONE_OF, {"oneOf": ONE_OF["oneOf"][::-1]}),
        ({"properties": {}, "additionalProperties": {}}, {"properties": {}}),
    ],
)
def test_two_ways_of_saying_one_thing_are_one(api_schemas: ModuleType, one: Any, same: Any) -> None:
    assert (rules(api_schemas, one, same), rules(api_schemas, same, one)) == ([], [])


@pytest.mark.parametrize(
    ("narrow", "wide", "keyword"),
    [
        (NUMBER | {"minimum": 1}, NUMBER | {"minimum": 0}, "minimum"),
        (NUMBER | {"minimum": 0}, NUMBER, "minimum"),
        (NUMBER | {"maximum": 9}, NUMBER | {"maximum": 10}, "maximum"),
        (TEXT | {"format": "uuid"}, TEXT, "format"),
        (TEXT | {"enum": ["a"]}, TEXT | {"enum": ["a", "b"]}, "value"),
        (TEXT | {"enum": ["a"]}, TEXT, "value"),
        (TEXT, {"anyOf": [TEXT, NULL]}, "type"),
        ({"oneOf": ONE_OF["oneOf"][:1]}, ONE_OF, "type"),
        ({"type": "array", "items": NUMBER | {"minimum": 0}}, {"type": "array", "items": NUMBER}, "minimum"),
        (
            {"type": "object", "additionalProperties": TEXT | {"maxLength": 1}},
            {"type": "object", "additionalProperties": TEXT},
            "maxLength",
        ),
        (
            {"type": "object", "additionalProperties": False},
            {"type": "object", "additionalProperties": TEXT},
            "unknown fields",
        ),
        (
            {"type": "object", "additionalProperties": TEXT},
            {"type": "object"},
            "unknown fields",
        ),
    ],
)
def test_narrowed_one_way_is_widened_the_other(
    api_schemas: ModuleType, narrow: Any, wide: Any, keyword: str
) -> None:
    assert rules(api_schemas, wide, narrow) == [f"{keyword} narrowed"]
    assert rules(api_schemas, narrow, wide) == [f"{keyword} widened"]


@pytest.mark.parametrize(
    ("old", "new", "keyword"),
    [
        (TEXT | {"pattern": "^a$"}, TEXT | {"pattern": "^b$"}, "pattern"),
        (TEXT | {"format": "date"}, TEXT | {"format": "date-time"}, "format"),
        (TEXT, NUMBER, "type"),
        (TEXT | {"enum": ["a"]}, TEXT | {"enum": ["b"]}, "value"),
    ],
)
def test_what_is_another_thing_is_both(api_schemas: ModuleType, old: Any, new: Any, keyword: str) -> None:
    assert rules(api_schemas, old, new) == [f"{keyword} narrowed", f"{keyword} widened"]


def test_what_holds_itself_comes_to_an_end(api_schemas: ModuleType) -> None:
    tree = {"$ref": "#/components/schemas/Tree"}

    assert rules(api_schemas, tree, tree) == []


def test_a_change_far_down_says_where_it_is(api_schemas: ModuleType) -> None:
    old = {"properties": {"a": {"type": "array", "items": {"properties": {"b": TEXT}}}}}
    new = {"properties": {"a": {"type": "array", "items": {"properties": {}}}}}
    reader = api_schemas.Reader({}, {}, "response", "GET /x 200")

    (change,) = api_schemas.changes_of_schema(old, new, reader)

    assert str(change) == "major: GET /x 200/a/*/b: response field removed: b"
