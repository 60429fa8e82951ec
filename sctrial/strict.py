"""Reading of tables and texts that came from outside: every key named, nothing guessed, nothing left over."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar

from sctrial.seal import fraction_text

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_FRACTION: Final = re.compile(r"-?[0-9]{1,400}/[1-9][0-9]{0,399}", re.ASCII)


class DocumentError(ValueError):
    """A document that cannot be read; the message names the document, the key and the remedy."""


def parse_day(text: str) -> date:
    """The calendar day written as YYYY-MM-DD in ASCII digits. Raises ValueError with the remedy."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day of the calendar; correct the date") from error
    raise ValueError(f"{text!r} is not a date; write it as YYYY-MM-DD, such as 2026-03-09")


def parse_fraction(text: str) -> Fraction:
    """The rational written as "a/b" in lowest terms, as ``fraction_text`` writes it. Raises ValueError."""
    if _FRACTION.fullmatch(text):
        value = Fraction(text)
        # Anything but lowest terms would change the digest when it is written back.
        if fraction_text(value) == text:
            return value
    raise ValueError(f"{text!r} is not a fraction in lowest terms; write it like 7/2 or 50/1")


class Section:
    """One table of a document. Each reader takes a key off it; ``close`` refuses what nobody asked for."""

    def __init__(self, content: object, *, origin: str, path: str = "") -> None:
        self._origin, self._path = origin, path
        self._asked: set[str] = set()
        self._content: Mapping[str, object] = {}
        if not isinstance(content, Mapping):
            raise self.error("", "must be a table of keys and values")
        self._content = content

    @property
    def path(self) -> str:
        """Where this table stands in its document, such as ``root.of[0]``; empty for the whole."""
        return self._path

    def error(self, key: str, remedy: str) -> DocumentError:
        """The error to raise about ``key``."""
        place = ".".join(part for part in (self._path, key) if part)
        return DocumentError(f"{self._origin}: {place or 'document'}: {remedy}")

    def close(self) -> None:
        """Raise for a key that no reader asked for: a misspelt key must not be without effect in silence."""
        unknown = sorted(str(key) for key in self._content if key not in self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise self.error(unknown[0], f"is not known here; remove it or use one of: {known}")

    def optional_text(self, key: str) -> str | None:
        """Text that is not blank, or None when the key is absent or null."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be text that is not empty")
        return value

    @property
    def keys(self) -> tuple[str, ...]:
        """The names in this table, sorted, for tables whose names are themselves facts."""
        return tuple(sorted(str(key) for key in self._content))

    def text(self, key: str) -> str:
        """Text that must be there."""
        return self._required(key, self.optional_text(key), "text")

    def name(self, key: str) -> str:
        """An identifier that must be there."""
        text = self.text(key)
        if not _NAME.fullmatch(text):
            raise self.error(key, f"{text!r} must be letters, digits and _, starting with a letter")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; an absent key is an empty list."""
        values = self._list(key)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self.error(key, "must be a list of texts, none of them empty")
        return tuple(str(value) for value in values)

    def parsed(self, key: str, parse: Callable[[str], Value]) -> Value:
        """Text that must be there, read by ``parse``, whose ValueError becomes the remedy."""
        return self._parse(key, self.text(key), parse)

    def optional_parsed(self, key: str, parse: Callable[[str], Value]) -> Value | None:
        """Text read by ``parse``, or None when the key is absent or null."""
        text = self.optional_text(key)
        return None if text is None else self._parse(key, text, parse)

    def optional_day(self, key: str) -> date | None:
        """A day, given as one or as ISO text, or None."""
        value = self._take(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        return self._parse(key, value, parse_day)

    def day(self, key: str) -> date:
        """A day that must be there."""
        return self._required(key, self.optional_day(key), "a day such as 2026-03-09")

    def optional_fraction(self, key: str) -> Fraction | None:
        """A rational given as "a/b", or None."""
        value = self._take(key)
        return None if value is None else self._parse(key, value, parse_fraction)

    def fraction(self, key: str) -> Fraction:
        """A rational that must be there."""
        return self._required(key, self.optional_fraction(key), 'a fraction such as "7/2"')

    def optional_flag(self, key: str) -> bool | None:
        """true, false or None."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def flag(self, key: str) -> bool:
        """true or false that must be there."""
        return self._required(key, self.optional_flag(key), "true or false")

    def optional_whole(self, key: str, *, least: int = 0) -> int | None:
        """A whole number from ``least``, or None."""
        value = self._take(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
            raise self.error(key, f"must be a whole number from {least}")
        return value

    def count(self, key: str) -> int:
        """A whole number from 1."""
        value = self.optional_whole(key, least=1)
        if value is None:
            raise self.error(key, "must be a whole number from 1")
        return value

    def value_of(self, key: str) -> object:
        """Whatever stands under ``key``, for a reader that checks it itself."""
        return self._take(key)

    def choice(self, key: str, *, of: type[Choice], default: Choice | None = None) -> Choice:
        """One of the values of an enumeration."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        known = {member.value: member for member in of}
        if not isinstance(value, str) or value not in known:
            raise self.error(key, f"must be one of: {', '.join(known)}")
        return known[value]

    def section(self, key: str) -> "Section":
        """A table inside this one."""
        return Section(self._take(key), origin=self._origin, path=self._join(key))

    def sections(self, key: str) -> tuple["Section", ...]:
        """A list of tables inside this one; an absent key is an empty list."""
        items = enumerate(self._list(key))
        return tuple(Section(item, origin=self._origin, path=self._join(f"{key}[{n}]")) for n, item in items)

    def _list(self, key: str) -> list[object]:
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            raise self.error(key, "must be a list")
        return list(value)

    def _take(self, key: str) -> object:
        self._asked.add(key)
        return self._content.get(key)

    def _join(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _required(self, key: str, value: Value | None, what: str) -> Value:
        if value is None:
            raise self.error(key, f"is missing; give {what}")
        return value

    def _parse(self, key: str, value: object, parse: Callable[[str], Value]) -> Value:
        if not isinstance(value, str):
            raise self.error(key, "must be text")
        try:
            return parse(value)
        except ValueError as error:
            raise self.error(key, str(error)) from error
