"""Whether the API's version says what became of the API since the last released one.

    bin/api_diff.py OLD.yaml NEW.yaml

A change that could break a phone in the field asks for a major step, anything new for a minor one. bin/check
runs it on docs/api/openapi-*.yaml and openapi.yaml.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from api_schemas import Change, Direction, Reader, Schema, Step, changes_of_schema, resolved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
STEPS: Mapping[str, Step] = {
    "operation removed": Step.MAJOR,
    "operation added": Step.MINOR,
    "operation renamed": Step.MAJOR,
    "operation deprecated": Step.MINOR,
    "operation no longer deprecated": Step.MINOR,
    "parameter removed": Step.MAJOR,
    "parameter added": Step.MINOR,
    "required parameter added": Step.MAJOR,
    "parameter made required": Step.MAJOR,
    "parameter made optional": Step.MINOR,
    "body removed": Step.MAJOR,
    "body added": Step.MINOR,
    "required body added": Step.MAJOR,
    "body made required": Step.MAJOR,
    "body made optional": Step.MINOR,
    "status removed": Step.MAJOR,
    "status added": Step.MINOR,
    "media type removed": Step.MAJOR,
    "media type added": Step.MINOR,
    "header removed": Step.MAJOR,
    "header added": Step.MINOR,
    "error code removed": Step.MAJOR,
    "error code added": Step.MINOR,
    "security tightened": Step.MAJOR,
    "security loosened": Step.MINOR,
    "security scheme changed": Step.MAJOR,
    "server removed": Step.MAJOR,
    "server added": Step.MINOR,
}
# The descriptions of refusals name their codes so: `entry_conflict`.
CODE = re.compile(r"`([a-z][a-z0-9_]+)`")
FIRST_REFUSAL = 400


def changed(rule: str, where: str, detail: str) -> Change:
    return Change(rule, where, detail, STEPS[rule])


def changes_between(old: Schema, new: Schema) -> list[Change]:
    """Every change that a client could notice. Words, titles and examples are none."""
    before, after = operations(old), operations(new)
    servers = ({server["url"] for server in document.get("servers", ())} for document in (old, new))
    return [
        *_came_and_went("server", "/servers", *servers),
        *_schemes(old, new),
        *_came_and_went("operation", "/paths", before, after),
        *(
            change
            for name in before
            if name in after
            for change in _operation(name, (before[name], after[name]), (old, new))
        ),
    ]


def operations(document: Schema) -> dict[str, dict[str, Any]]:
    """`PUT /path` to its operation, with what the path and the document say for all of theirs."""
    found = {}
    for path, item in document.get("paths", {}).items():
        for method in (method for method in METHODS if method in item):
            shared = item.get("parameters", [])
            found[f"{method.upper()} {path}"] = {
                "security": document.get("security", []),
                **item[method],
                "parameters": [*shared, *item[method].get("parameters", [])],
            }
    return found


def _operation(name: str, pair: tuple[Schema, Schema], documents: tuple[Schema, Schema]) -> Iterator[Change]:
    old, new = pair
    if old.get("operationId") != new.get("operationId"):
        yield changed("operation renamed", name, f"{old.get('operationId')} to {new.get('operationId')}")
    if bool(old.get("deprecated")) != bool(new.get("deprecated")):
        rule = "operation deprecated" if new.get("deprecated") else "operation no longer deprecated"
        yield changed(rule, name, "see Sunset for the day")
    yield from _security(name, old["security"], new["security"])
    yield from _parameters(name, old["parameters"], new["parameters"], documents)
    yield from _request_body(name, old, new, documents)
    yield from _responses(name, old["responses"], new["responses"], documents)


def _came_and_went(noun: str, where: str, old: Any, new: Any, *, required: Any = ()) -> Iterator[Change]:
    for name in (name for name in old if name not in new):
        yield changed(f"{noun} removed", where, str(name))
    for name in (name for name in new if name not in old):
        yield changed(f"{'required ' * (name in required)}{noun} added", where, str(name))


def _schemes(old: Schema, new: Schema) -> Iterator[Change]:
    before, after = (document.get("components", {}).get("securitySchemes", {}) for document in (old, new))
    for name in (name for name in before if name in after):
        was, now = (
            {key: value for key, value in schemes[name].items() if key != "description"}
            for schemes in (before, after)
        )
        if was != now:
            yield changed("security scheme changed", f"/components/securitySchemes/{name}", f"{was} to {now}")


def _security(name: str, old: Sequence[Schema], new: Sequence[Schema]) -> Iterator[Change]:
    """Who got in before must still get in. No requirement at all lets everybody in."""
    before, after = _ways_in(old), _ways_in(new)
    shut = [way for way in before if not any(other <= way for other in after)]
    opened = [way for way in after if not any(other <= way for other in before)]
    if shut:
        yield changed("security tightened", name, f"{_words(before)} to {_words(after)}")
    elif opened:
        yield changed("security loosened", name, f"{_words(before)} to {_words(after)}")


def _ways_in(requirements: Sequence[Schema]) -> list[frozenset[str]]:
    ways = [
        frozenset(f"{scheme}:{scope}" for scheme, scopes in one.items() for scope in scopes or [""])
        for one in requirements
    ]
    return ways or [frozenset()]


def _words(ways: Sequence[frozenset[str]]) -> str:
    return " or ".join(" and ".join(sorted(way)) or "anybody" for way in ways)


def _parameters(
    name: str, old: Sequence[Schema], new: Sequence[Schema], documents: tuple[Schema, Schema]
) -> Iterator[Change]:
    before, after = (
        {f"{one['in']} {one['name']}": one for one in (resolved(raw, document) for raw in raws)}
        for raws, document in zip((old, new), documents, strict=True)
    )
    needed = {key for key, one in after.items() if one.get("required")}
    yield from _came_and_went("parameter", name, before, after, required=needed)
    for key in (key for key in before if key in after):
        yield from _made_required("parameter", f"{name} {key}", before[key], after[key])
        reader = Reader(*documents, "request", f"{name} {key}")
        yield from changes_of_schema(before[key].get("schema", {}), after[key].get("schema", {}), reader)


def _made_required(noun: str, where: str, old: Schema, new: Schema) -> Iterator[Change]:
    was, now = bool(old.get("required")), bool(new.get("required"))
    if was != now:
        yield changed(f"{noun} made {'required' if now else 'optional'}", where, where.rpartition(" ")[2])


def _request_body(name: str, old: Schema, new: Schema, documents: tuple[Schema, Schema]) -> Iterator[Change]:
    bodies = [
        {"body": resolved(one["requestBody"], document)} if "requestBody" in one else {}
        for one, document in zip((old, new), documents, strict=True)
    ]
    needed = {key for key, body in bodies[1].items() if body.get("required")}
    yield from _came_and_went("body", name, *bodies, required=needed)
    if all(bodies):
        before, after = (one["body"] for one in bodies)
        yield from _made_required("body", f"{name} body", before, after)
        yield from _content(f"{name} body", "request", (before, after), documents)


def _responses(name: str, old: Schema, new: Schema, documents: tuple[Schema, Schema]) -> Iterator[Change]:
    yield from _came_and_went("status", name, old, new)
    for status in (status for status in old if status in new):
        before, after = (
            resolved(responses[status], document)
            for responses, document in zip((old, new), documents, strict=True)
        )
        where = f"{name} {status}"
        yield from _came_and_went("header", where, before.get("headers", {}), after.get("headers", {}))
        yield from _content(where, "response", (before, after), documents)
        if not status.isdigit() or int(status) >= FIRST_REFUSAL:
            yield from _came_and_went("error code", where, codes_of(before), codes_of(after))


def codes_of(response: Schema) -> list[str]:
    return sorted(set(CODE.findall(response.get("description", ""))))


def _content(
    where: str, direction: Direction, pair: tuple[Schema, Schema], documents: tuple[Schema, Schema]
) -> Iterator[Change]:
    before, after = (one.get("content", {}) for one in pair)
    yield from _came_and_went("media type", where, before, after)
    for media in (media for media in before if media in after):
        reader = Reader(*documents, direction, where)
        old, new = (content[media].get("schema", {}) for content in (before, after))
        yield from changes_of_schema(old, new, reader)


def version_of(document: Schema) -> tuple[int, int, int]:
    major, minor, patch = map(int, str(document["info"]["version"]).split("."))
    return major, minor, patch


def step_made(old: tuple[int, int, int], new: tuple[int, int, int]) -> Step:
    """The first place that rose; an older version makes no step at all."""
    if new <= old:
        return Step.NONE
    first = next(place for place in range(3) if new[place] != old[place])
    return (Step.MAJOR, Step.MINOR, Step.PATCH)[first]


def step_needed(changes: Sequence[Change]) -> Step:
    return max((change.step for change in changes), default=Step.NONE)


def report(old: Schema, new: Schema, *, say: Callable[[str], None] = print) -> bool:
    """Say what changed since ``old``; whether the version went far enough for it."""
    changes = sorted(changes_between(old, new), key=lambda change: (-change.step, change.where))
    was, now = version_of(old), version_of(new)
    made, needed = step_made(was, now), step_needed(changes)
    sound = made >= needed and now >= was
    for change in changes if not sound else ():
        say(str(change))
    went = f"{'.'.join(map(str, was))} to {'.'.join(map(str, now))}"
    say(f"API {went}: {len(changes)} changes ask for {needed.name} and the version steps {made.name}.")
    if not sound:
        say("Raise API_VERSION in config/settings.py, say why in docs/api-changelog.md, or undo the change.")
    return sound


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return document


def last_released(folder: Path) -> dict[str, Any]:
    return max((read(path) for path in folder.glob("openapi-*.yaml")), key=version_of)


def main(arguments: Sequence[str]) -> int:
    old, new = (read(Path(name)) for name in arguments)
    for change in changes_between(old, new):
        print(change)
    return 0 if report(old, new, say=lambda text: print(text, file=sys.stderr)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
