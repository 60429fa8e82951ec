"""What changed between two JSON schemas, as those meet it who send to them or read from them.

One law decides: what a phone may send must not shrink, and what it may be told must not grow. New fields in
an answer are the exception, because clients are told to pass over fields that they do not know.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Literal

Schema = Mapping[str, Any]
Direction = Literal["request", "response"]


class Step(IntEnum):
    """How far the version must go: SemVer's three places, and words that ask for none."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Change:
    rule: str
    where: str
    detail: str
    step: Step

    def __str__(self) -> str:
        return f"{self.step.name.lower()}: {self.where}: {self.rule}: {self.detail}"


STEPS: Mapping[tuple[Direction, str], Step] = {
    ("request", "narrowed"): Step.MAJOR,
    ("request", "widened"): Step.MINOR,
    ("request", "field removed"): Step.MAJOR,
    ("request", "field added"): Step.MINOR,
    ("request", "required field added"): Step.MAJOR,
    ("request", "default changed"): Step.MINOR,
    ("response", "narrowed"): Step.MINOR,
    ("response", "widened"): Step.MAJOR,
    ("response", "field removed"): Step.MAJOR,
    ("response", "field added"): Step.MINOR,
    ("response", "required field added"): Step.MINOR,
    ("response", "default changed"): Step.NONE,
}
# A higher lower bound narrows, and so does a lower upper bound.
BOUNDS = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), 1),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), -1),
}
# One cannot tell which of two patterns takes more: a changed one does both.
EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@dataclass(frozen=True)
class Reader:
    """The two descriptions, the place looked at, and who meets it there."""

    old: Schema
    new: Schema
    direction: Direction
    where: str
    seen: frozenset[tuple[int, int]] = frozenset()

    def at(self, part: str) -> "Reader":
        return replace(self, where=f"{self.where}/{part}")

    def change(self, rule: str, detail: str, *, effect: str = "") -> Change:
        step = STEPS[self.direction, effect or rule]
        words = f"{rule} {effect}".strip()
        return Change(f"{self.direction} {words}", self.where, detail, step)


def changes_of_schema(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    """Every change between two schemas and all below them."""
    key = (id(old), id(new))
    if key in reader.seen:
        return
    reader = replace(reader, seen=reader.seen | {key})
    pairs, gone, come = paired(variants(old, reader.old), variants(new, reader.new))
    if gone:
        yield reader.change("type", f"no longer {', '.join(map(name_of, gone))}", effect="narrowed")
    if come:
        yield reader.change("type", f"now also {', '.join(map(name_of, come))}", effect="widened")
    for before, after in pairs:
        yield from _changes_of_variant(before, after, reader)


def _changes_of_variant(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    yield from _limits(old, new, reader)
    yield from _values(old, new, reader)
    yield from _fields(old, new, reader)
    yield from _open_ends(old, new, reader)
    if "items" in old and "items" in new:
        yield from changes_of_schema(old["items"], new["items"], reader.at("*"))
    if old.get("default") != new.get("default"):
        yield reader.change("default changed", f"{old.get('default')!r} to {new.get('default')!r}")


def _limits(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    for keyword in (*BOUNDS, *EXACT):
        before, after = old.get(keyword), new.get(keyword)
        for effect in _effects(before, after, BOUNDS.get(keyword)):
            yield reader.change(keyword, f"{before!r} to {after!r}", effect=effect)


def _effects(before: Any, after: Any, sign: int | None) -> Sequence[str]:
    if before == after:
        return ()
    if before is None:
        return ("narrowed",)
    if after is None:
        return ("widened",)
    if sign is None:
        return ("narrowed", "widened")
    return ("narrowed",) if (after - before) * sign > 0 else ("widened",)


def _values(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    before, after = values_of(old), values_of(new)
    if before == after:
        return
    if before is None or (after is not None and before - after):
        detail = ", ".join(sorted(before - after)) if before and after else "a list of values is set"
        yield reader.change("value", detail, effect="narrowed")
    if after is None or (before is not None and after - before):
        detail = ", ".join(sorted(after - before)) if before and after else "any value"
        yield reader.change("value", detail, effect="widened")


def values_of(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _fields(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was, now = set(old.get("required", ())), set(new.get("required", ()))
    for name in (name for name in before if name not in after):
        yield reader.at(name).change("field removed", name)
    for name in (name for name in after if name not in before):
        yield reader.at(name).change("required field added" if name in now else "field added", name)
    for name in (name for name in before if name in after):
        here = reader.at(name)
        if (name in was) != (name in now):
            yield here.change("required", name, effect="narrowed" if name in now else "widened")
        yield from changes_of_schema(before[name], after[name], here)


def _open_ends(old: Schema, new: Schema, reader: Reader) -> Iterator[Change]:
    """`additionalProperties`: none, those of a form, or any at all."""
    before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from changes_of_schema(before, after, reader.at("*"))
    elif _openness(before) != _openness(after):
        effect = "narrowed" if _openness(before) > _openness(after) else "widened"
        yield reader.change("unknown fields", f"{before!r} to {after!r}", effect=effect)


def _openness(allowed: bool | Schema) -> int:
    return 1 if isinstance(allowed, Mapping) and allowed else 2 * (allowed is not False)


def variants(schema: Schema, document: Schema) -> list[Schema]:
    """The forms that a value may take, each of one type: `X or null` is two."""
    schema = flattened(schema, document)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        around = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        inner = [around | flattened(branch, document) for branch in branches]
        return [variant for branch in inner for variant in variants(branch, document)]
    types = schema.get("type") or _type_of_values(schema)
    return [{**schema, "type": one} for one in (types if isinstance(types, list) else [types])]


def flattened(schema: Schema, document: Schema) -> dict[str, Any]:
    """With references followed, and `allOf` made one."""
    schema = resolved(schema, document)
    flat: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        more = flattened(part, document)
        joined = {
            "properties": {**flat.get("properties", {}), **more.get("properties", {})},
            "required": [*flat.get("required", ()), *more.get("required", ())],
        }
        flat |= more | {key: value for key, value in joined.items() if value}
    return flat | {key: value for key, value in schema.items() if key != "allOf"}


def resolved(node: Schema, document: Schema) -> Schema:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = {**found, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def _type_of_values(schema: Schema) -> str:
    values = schema.get("enum") or [schema[key] for key in ("const",) if key in schema]
    if values:
        return JSON_TYPES[type(values[0])]
    return "object" if "properties" in schema else "anything"


def paired(
    old: list[Schema], new: list[Schema]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Forms that are the same one: of one type and title, or else of one type."""
    pairs: list[tuple[Schema, Schema]] = []
    gone, come = list(old), list(new)
    for name in (name_of, lambda schema: schema["type"]):
        for before in tuple(gone):
            after = next((schema for schema in come if name(schema) == name(before)), None)
            if after is not None:
                gone.remove(before)
                come.remove(after)
                pairs.append((before, after))
    return pairs, gone, come


def name_of(schema: Schema) -> str:
    return f"{schema['type']} {schema.get('title', '')}".strip()
