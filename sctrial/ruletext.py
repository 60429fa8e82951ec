"""Rule files in words: one rule laid out, and what changed between two.

Both read the content of the file and not the parsed criteria, so a kind of criterion that is new tomorrow
is shown as it is written, without a line here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sctrial.criteria import Mark

Content = Mapping[str, object]

#: Told in parts of their own; every other key stands in the heading.
_PARTS: Final = ("id", "version", "root", "source", "cautions")
_TREE_KEYS: Final = ("criterion", "id", "label", "of")


@dataclass(frozen=True, slots=True)
class _Node:
    parent: str | None
    depth: int
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        settings = ", ".join(
            f"{_words(key)} {value}" for key, value in self.fields.items() if key not in _TREE_KEYS
        )
        kind = _words(self.fields.get("criterion", ""))
        return f"{self.fields.get('label', '')} ({kind}{': ' if settings else ''}{settings})"


def describe_rule(content: Content, *, digest: str) -> Iterator[str]:
    """Lines that lay out a rule file: heading, criteria as a tree with their ids, sources, cautions."""
    yield _name(content)
    yield from (f"{_words(key)}: {text}" for key, text in _heading(content).items())
    yield f"digest: {digest}"
    yield "criteria:"
    for node_id, node in _nodes(content).items():
        yield f"{'  ' * (node.depth + 1)}{node_id}: {node.text}"
    yield "sources:"
    yield from (f"  {source}" for source in _sources(content))
    cautions = _texts(content.get("cautions"))
    yield from ["cautions:"] if cautions else []
    yield from (f"  {caution}" for caution in cautions)


def compare_rules(old: Content, *, new: Content) -> Iterator[str]:
    """Lines that name every difference: heading, then criteria by id, then sources and cautions.

    The first line names both rules; when it is the only one, nothing differs.
    """
    yield f"{_name(old)} -> {_name(new)}"
    yield from _changed("", _heading(old), _heading(new))
    yield from _compare_criteria(_nodes(old), _nodes(new))
    yield from _compare_lists("source", _sources(old), _sources(new))
    yield from _compare_lists("caution", _texts(old.get("cautions")), _texts(new.get("cautions")))


def _compare_criteria(old: Mapping[str, _Node], new: Mapping[str, _Node]) -> Iterator[str]:
    for node_id in dict.fromkeys([*old, *new]):
        before, after = old.get(node_id), new.get(node_id)
        if before is None or after is None:
            what, node = ("added", after) if before is None else ("removed", before)
            yield f"criterion {node_id} {what}: {node.text if node else ''}"
            continue
        if before.parent != after.parent:
            yield f"criterion {node_id} moved: from {before.parent} to {after.parent}"
        yield from _changed(f"criterion {node_id} ", before.fields, after.fields)


def _compare_lists(what: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    before, after = list(old), list(new)
    yield from (f"{what} removed: {text}" for text in before if text not in after)
    yield from (f"{what} added: {text}" for text in after if text not in before)


def _changed(prefix: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key, "none"), new.get(key, "none")
        if before != after:
            yield f"{prefix}{_words(key)}: {before} -> {after}"


def _nodes(content: Content) -> dict[str, _Node]:
    return dict(_walk(content.get("root"), parent=None, depth=0))


def _walk(node: object, *, parent: str | None, depth: int) -> Iterator[tuple[str, _Node]]:
    if not isinstance(node, Mapping):
        return
    node_id = _text(node.get("id"))
    fields = {key: _text(value) for key, value in node.items() if key not in ("id", "of")}
    yield node_id, _Node(parent, depth, fields)
    for child in node.get("of", ()):
        yield from _walk(child, parent=node_id, depth=depth + 1)


def _sources(content: Content) -> list[str]:
    tables = content.get("source", ())
    listed = tables if isinstance(tables, list | tuple) else ()
    return [_source(table) for table in listed if isinstance(table, Mapping)]


def _source(table: Content) -> str:
    mark = _text(table.get("mark"))
    meaning = Mark(mark).meaning if mark in set(Mark) else "mark not known"
    others = "".join(f"; {_words(key)} {_text(table[key])}" for key in table if key not in ("text", "mark"))
    return f"{_text(table.get('text'))} [{mark}: {meaning}]{others}"


def _heading(content: Content) -> dict[str, str]:
    return {key: _text(value) for key, value in content.items() if key not in _PARTS}


def _texts(value: object) -> list[str]:
    return [_text(item) for item in value] if isinstance(value, list | tuple) else []


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{_words(key)} {_text(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(key: str) -> str:
    return key.replace("_", " ")


def _name(content: Content) -> str:
    return f"{_text(content.get('id'))} {_text(content.get('version'))}"
