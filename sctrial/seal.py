"""Canonical JSON and its digest: the same facts give the same bytes on every machine."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction


class CannotSeal(TypeError):
    """A value that has no canonical form; the message names its place."""


def fraction_text(value: Fraction | int) -> str:
    """``value`` as "a/b" in lowest terms, the denominator always written: 50 is "50/1"."""
    return f"{value.numerator}/{value.denominator}"


def canonical_json(content: object) -> bytes:
    """UTF-8 JSON with sorted keys and no blanks; fractions as "a/b", days as ISO text.

    Raises CannotSeal for floats (their printing is not exact), instants, keys that are not text, and
    every other type.
    """
    plain = _plain(content, place="$")
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CannotSeal("text with half a surrogate pair has no UTF-8 form; correct the text") from error


def digest(content: object) -> str:
    """``"sha256:<hex>"`` over the canonical JSON of ``content``. Source: FIPS 180-4 (2015)."""
    return "sha256:" + hashlib.sha256(canonical_json(content)).hexdigest()


def _plain(value: object, *, place: str) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Fraction):
        return fraction_text(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key, place=place): _plain(item, place=f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, place=f"{place}[{n}]") for n, item in enumerate(value)]
    raise CannotSeal(f"{place}: a {type(value).__name__} has no canonical form; use text, int or Fraction")


def _key(key: object, *, place: str) -> str:
    if not isinstance(key, str):
        raise CannotSeal(f"{place}: the key {key!r} is not text")
    return key
