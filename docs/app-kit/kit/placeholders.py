"""Golden files name what differs from run to run: <uuid4:entry>, <token:phone>, <time>, <any:cursor>.

The first use of a name binds it, by making an id for a request or by what a reply holds; every later use must
be the same.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PLACEHOLDER = re.compile(r"<([a-z0-9_]+)(?::([a-z0-9_]+))?>")
PATTERNS = {
    "uuid4": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "token": r"[A-Za-z0-9_-]{43}",
    "code": r"[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}",
    "secret": r"[A-Za-z0-9_-]{22}",
    "receipt": r"[0-9a-f]{16}",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9]{2}:[0-9]{2})",
    "request_id": r"[A-Za-z0-9-]{8,64}",
    "etag": r'"[^"]+"',
    "cursor": r"[A-Za-z0-9%=_-]+",
    "clock": r"[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "server": r"http://127\.0\.0\.1:[0-9]+",
    "number": r"[0-9]+",
    "text": r".+",
    "any": r".*",
}


#: Words for people: they get better without a new version, so only their being there is compared.
FOR_PEOPLE = frozenset({"title", "detail", "wording", "not_monitored"})


class Unbound(ValueError):
    """A request uses a name that nothing has given a value."""


@dataclass
class Names:
    """What each placeholder stands for in this run."""

    values: dict[str, str] = field(default_factory=dict)

    def fill(self, golden: Any) -> Any:
        """`golden` with values in place of its placeholders; new ids are made."""
        if isinstance(golden, dict):
            return {key: self.fill(value) for key, value in golden.items()}
        if isinstance(golden, list):
            return [self.fill(value) for value in golden]
        return PLACEHOLDER.sub(self._value, golden) if isinstance(golden, str) else golden

    def _value(self, found: re.Match[str]) -> str:
        kind, name = found[1], found[0]
        if name not in self.values:
            if kind != "uuid4":
                raise Unbound(f"{name} has no value yet")
            self.values[name] = str(uuid.uuid4())
        return self.values[name]

    def differences(self, golden: Any, found: Any, *, where: str = "") -> Iterator[tuple[str, Any, Any]]:
        """Place, expected and found of whatever is not the same; binds new names on the way."""
        if isinstance(golden, dict) and isinstance(found, dict):
            yield from self._keys(golden, found, where=where)
        elif isinstance(golden, list) and isinstance(found, list):
            if len(golden) != len(found):
                yield where, f"{len(golden)} items", f"{len(found)} items: {found}"
            for n, (wanted, got) in enumerate(zip(golden, found, strict=False)):
                yield from self.differences(wanted, got, where=f"{where}/{n}")
        elif isinstance(golden, str) and isinstance(found, str):
            if not self._matches(golden, found):
                yield where, self._known(golden), found
        elif golden == "<any>":
            return
        elif type(golden) is not type(found) or golden != found:
            yield where, golden, found

    def _keys(
        self, golden: dict[str, Any], found: dict[str, Any], *, where: str
    ) -> Iterator[tuple[str, Any, Any]]:
        for key in [*golden, *(key for key in found if key not in golden)]:
            if key not in found:
                yield f"{where}/{key}", golden[key], "nothing"
            elif key not in golden:
                yield f"{where}/{key}", "nothing", found[key]
            else:
                compared = self._words if key in FOR_PEOPLE else self.differences
                yield from compared(golden[key], found[key], where=f"{where}/{key}")

    def _words(self, golden: Any, found: Any, *, where: str) -> Iterator[tuple[str, Any, Any]]:
        if isinstance(golden, dict) and isinstance(found, dict) and golden.keys() == found.keys():
            for key in golden:
                yield from self._words(golden[key], found[key], where=f"{where}/{key}")
        elif not (isinstance(golden, str) and isinstance(found, str) and found.strip()):
            yield where, golden, found

    def _known(self, golden: str) -> str:
        return PLACEHOLDER.sub(lambda found: self.values.get(found[0], found[0]), golden)

    def _matches(self, golden: str, found: str) -> bool:
        """Whether `found` fits, with each placeholder read as its pattern or its value."""
        groups: list[str] = []
        pattern, end = "", 0
        for place in PLACEHOLDER.finditer(golden):
            pattern += re.escape(golden[end : place.start()]) + f"({self._pattern(place)})"
            groups.append(place[0])
            end = place.end()
        match = re.fullmatch(pattern + re.escape(golden[end:]), found, re.DOTALL)
        if match is None:
            return False
        for name, value in zip(groups, match.groups(), strict=True):
            if ":" in name:
                self.values.setdefault(name, value)
        return True

    def _pattern(self, place: re.Match[str]) -> str:
        known = self.values.get(place[0])
        return re.escape(known) if known is not None else PATTERNS[place[1]]
