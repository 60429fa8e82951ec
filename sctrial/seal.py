"""Canonical JSON and its digest: the same facts give the same bytes on every machine."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Final

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class CannotSeal(TypeError):
    """A value that has no canonical form; the message names its place."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._message = message
        self._place: list[str] = []

    def inside(self, key: object) -> "CannotSeal":
        """The same error, seen from the table or list that holds the value under ``key``."""
        self._place.insert(0, str(key))
        return self

    def __str__(self) -> str:
        return f"{'.'.join(self._place)}: {self._message}" if self._place else self._message


def fraction_text(value: Fraction | int) -> str:
    """``value`` as "a/b" in lowest terms, the denominator always written: 50 is "50/1"."""
    return f"{value.numerator}/{value.denominator}"


def canonical_json(content: object) -> bytes:
    """UTF-8 JSON with sorted keys and no blanks; fractions as "a/b", days as ISO text.

    Raises CannotSeal for floats (their printing is not exact), instants, keys that are not text, and
    every other type.
    """
    plain = _plain(content)
    try:
        return _ENCODER.encode(plain).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CannotSeal("text with half a surrogate pair has no UTF-8 form; correct the text") from error


def digest(content: object) -> str:
    """``"sha256:<hex>"`` over the canonical JSON of ``content``. Source: FIPS 180-4 (2015)."""
    return "sha256:" + hashlib.sha256(canonical_json(content)).hexdigest()


def _plain(value: object) -> object:
    # Tables first: asking whether something is a Fraction or a Mapping is the slow question.
    if isinstance(value, dict):
        return {_key(key): _plain_inside(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_inside(item, n) for n, item in enumerate(value)]
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Fraction):
        return fraction_text(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _plain(dict(value))
    raise CannotSeal(f"a {type(value).__name__} has no canonical form; use text, int or Fraction")


def _plain_inside(item: object, key: object) -> object:
    # Most of what is sealed is text; a diary of years must not pay for a call a cell.
    if type(item) in _AS_IS:
        return item
    try:
        return _plain(item)
    except CannotSeal as error:
        raise error.inside(key) from None


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise CannotSeal(f"the key {key!r} is not text")
    return key


_AS_IS = frozenset({str, int, bool, type(None)})
