"""The three kinds of file in an import bundle: wording, T-score tables, value sets. Each must be whole."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Final

from sctrial.instruments import UnknownInstrument, UnknownScore, instrument_named, score_named
from sctrial.strict import Section

_DECIMAL: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,6})?", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?", re.ASCII)
_PROFILES: Final = frozenset("".join(levels) for levels in product("12345", repeat=5))
_FULL_HEALTH: Final = "11111"


@dataclass(frozen=True, slots=True)
class Wording:
    """Item texts of one instrument in one language, with the texts of answers where the form prints them."""

    instrument: str
    language: str
    version: str
    notice: str
    items: Mapping[str, str]
    answers: Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class TScores:
    """A lookup from each raw sum of ``score`` to its T-score, named ``becomes``."""

    score: str
    becomes: str
    version: str
    citation: str
    rows: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class ValueSet:
    """The index of every EQ-5D-5L profile, for one country."""

    id: str
    country: str
    citation: str
    values: Mapping[str, Fraction]


def parse_decimal(text: str) -> Fraction:
    """The number written as "21.1" or "-0.148", exactly. Raises ValueError with the remedy."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f'{text!r} is not a decimal; write it as text, such as "21.1" or "-0.148"')
    return Fraction(text)


def read_wording(top: Section) -> Wording:
    """Wording for every item of an instrument, each once. Raises DocumentError."""
    code = top.text("instrument")
    try:
        instrument = instrument_named(code)
    except UnknownInstrument as error:
        raise top.error("instrument", str(error)) from error
    items: dict[str, str] = {}
    answers: dict[str, Mapping[int, str]] = {}
    for section in top.sections("item"):
        item = section.text("code")
        if item not in instrument.items or item in items:
            raise section.error("code", f"{item!r} is given twice or is no item of {code}")
        items[item] = section.text("text")
        answers[item] = _read_answers(section, ends=instrument.ends_of(item))
        section.close()
    left_out = [item for item in instrument.items if item not in items]
    if left_out or not items:
        raise top.error("item", f"has no text for {', '.join(left_out) or 'any item'}; add it")
    return Wording(code, _read_language(top), top.text("version"), top.text("notice"), items, answers)


def _read_language(top: Section) -> str:
    language = top.text("language")
    if not _LANGUAGE.fullmatch(language):
        raise top.error("language", f'{language!r} is not a language tag; write one such as "en" or "nl-BE"')
    return language


def _read_answers(item: Section, *, ends: tuple[int, int]) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for section in item.sections("answer"):
        value = section.optional_whole("value", least=ends[0])
        if value is None or value > ends[1] or value in found:
            raise section.error("value", f"must be a whole number from {ends[0]} to {ends[1]}, each once")
        found[value] = section.text("text")
        section.close()
    return found


def read_t_scores(top: Section) -> TScores:
    """T-scores for every raw sum, each once, rising with it. Raises DocumentError."""
    score, becomes = top.text("score"), top.text("becomes")
    try:
        raw = score_named(score)
        score_named(becomes)
    except UnknownScore as error:
        raise top.error("score", str(error)) from error
    rows: dict[int, Fraction] = {}
    for section in top.sections("row"):
        value = section.count("raw")
        if value in rows:
            raise section.error("raw", f"{value} is given twice; keep one of the two rows")
        rows[value] = section.parsed("t", parse_decimal)
        section.close()
    if raw.minimum is None or raw.maximum is None or not score.endswith("_raw"):
        raise top.error("score", f"{score} is not a raw sum; name the score that the table starts from")
    _require_complete(top, rows, wanted=range(int(raw.minimum), int(raw.maximum) + 1))
    return TScores(score, becomes, top.text("version"), top.text("citation"), dict(sorted(rows.items())))


def _require_complete(top: Section, rows: Mapping[int, Fraction], *, wanted: range) -> None:
    if sorted(rows) != list(wanted):
        raise top.error("row", f"must have each raw sum from {wanted[0]} to {wanted[-1]} once")
    if any(rows[low] >= rows[high] for low, high in pairwise(wanted)):
        raise top.error("row", "has T-scores that do not rise with the raw sum; compare with the original")
    if not all(0 <= value <= 100 for value in rows.values()):
        raise top.error("row", "has a T-score outside 0 to 100; compare with the original")


def read_value_set(top: Section) -> ValueSet:
    """The index of all 3,125 profiles; full health is the best. Raises DocumentError."""
    listed = top.section("values")
    if set(listed.keys) != _PROFILES:
        strange = sorted(set(listed.keys) ^ _PROFILES)
        raise listed.error(strange[0], "is missing or is no profile; give each of 11111 to 55555 once")
    values = {profile: listed.parsed(profile, parse_decimal) for profile in listed.keys}
    if values[_FULL_HEALTH] != max(values.values()) or values[_FULL_HEALTH] > 1:
        raise listed.error(_FULL_HEALTH, "must be the best value and at most 1; compare with the original")
    return ValueSet(top.name("id"), top.text("country"), top.text("citation"), values)
