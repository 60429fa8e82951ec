"""The words that patients read: questions, regions, consent, safety and reminders, by language.

The texts are data, in ``static/diary/wording``, where the app finds them too. ``sctrial.questions`` says
which questions there are and how they are answered.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NotRequired, TypedDict

FOLDER: Final = Path(__file__).parent / "static" / "diary" / "wording"
#: What a patient can choose, each by its own name.
LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "es": "Español", "de": "Deutsch"})
DEFAULT: Final = "en"
#: English between Arabic letters: it shows, before there is a translation, where a page cannot turn round.
PSEUDO: Final = "ar-XB"

_PLACEHOLDER: Final = re.compile(r"\{(area|goal|region)\}")
_SENTENCE: Final = re.compile(r"\S.*?[.?](?=\s|$)|\S.*$")
_RIGHT_TO_LEFT_MARK: Final = "\u200f"
# Codes and names stay what they are in every language.
_NOT_TEXT: Final = frozenset({"language", "name", "version"})


class QuestionWording(TypedDict):
    """``low`` and ``high`` name the ends of a scale; ``choices`` maps each code to its label."""

    text: str
    help: str
    low: NotRequired[str]
    high: NotRequired[str]
    choices: NotRequired[dict[str, str]]


class ConsentText(TypedDict):
    """What the patient agrees to; a consent is stored with its ``version``."""

    version: str
    title: str
    paragraphs: list[str]


class SafetyText(TypedDict):
    """Where help comes from, and that it does not come from here."""

    title: str
    text: str
    call_clinic: str
    call_emergency: str
    not_monitored: str


class ReminderText(TypedDict):
    """What a locked screen shows to anybody, so nothing in it tells of an illness."""

    title: str
    body_open: str
    body_later: str
    body_last: str
    body_asked: str


@dataclass(frozen=True, slots=True)
class Wording:
    """All texts of one language. Questions keep their placeholders; ``question_wording`` fills them."""

    language: str
    name: str
    questions: Mapping[str, QuestionWording]
    regions: Mapping[str, str]
    #: Of the body map, of which a target is made; a clinic asks about ``regions`` beside it.
    body: Mapping[str, str]
    consent: ConsentText
    safety: SafetyText
    reminder: ReminderText

    @property
    def direction(self) -> str:
        """As the attribute ``dir`` of a page has it."""
        return "rtl" if self.language == PSEUDO else "ltr"


@cache
def wording(language: str) -> Wording:
    """The texts of ``language``, one of LANGUAGES or PSEUDO; a KeyError for any other."""
    if language == PSEUDO:
        return Wording(**(_pseudo(_read(DEFAULT)) | {"language": PSEUDO, "name": "Pseudo (right to left)"}))
    if language not in LANGUAGES:
        raise KeyError(language)
    return Wording(**_read(language))


def _read(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts


def _pseudo(texts: Any, *, key: str = "") -> Any:
    if isinstance(texts, dict):
        return {name: _pseudo(value, key=name) for name, value in texts.items()}
    if isinstance(texts, list):
        return [_pseudo(value) for value in texts]
    return texts if key in _NOT_TEXT else pseudo_text(texts)


def pseudo_text(text: str) -> str:
    """``text`` with each sentence between Arabic letters and right-to-left marks; placeholders are kept."""
    mark = _RIGHT_TO_LEFT_MARK
    return _SENTENCE.sub(lambda found: f"{mark}ابجد {found[0]} هوز{mark}", text)


def question_wording(
    key: str, *, language: str, area: str = "", goal: str = "", region: str = ""
) -> QuestionWording:
    """The texts of the question ``key`` ("target.average", "sleep"), ready to be shown.

    ``area`` and ``goal`` are the clinic's own words; ``region`` is a code. They are put in as they are, in
    one pass: braces in the clinic's words are text, never a placeholder.
    """
    texts = wording(language)
    fills = {"area": area, "goal": goal, "region": region_label(region, language=language)}
    fills = {name: _within_a_sentence(words) for name, words in fills.items()}
    filled: QuestionWording = _filled(texts.questions[key], fills=fills)
    return filled


def _within_a_sentence(words: str) -> str:
    # The sentence has a full stop of its own.
    return words.strip().rstrip(".")


def _filled(texts: Any, *, fills: Mapping[str, str]) -> Any:
    if isinstance(texts, dict):
        return {name: _filled(value, fills=fills) for name, value in texts.items()}
    return _PLACEHOLDER.sub(lambda found: fills[found[1]], texts)


def region_label(region: str, *, language: str) -> str:
    """The region in words. A clinic may ask about regions of its own; their code is all there is to say."""
    return wording(language).regions.get(region, region.replace("_", " "))


def body_words(codes: Collection[str], *, language: str) -> list[str]:
    """Regions of the body map, from head to foot."""
    return [words for code, words in wording(language).body.items() if code in codes]


def pick_language(requested: str, *, accept_language: str = "", stored: str = "") -> str:
    """The language to answer in: the one asked for, else the one stored, else the browser's, else English.

    What a patient once chose counts for more than what the phone's maker set.
    """
    browsers = (_known(tag) for tag in _accepted(accept_language))
    candidates = (_known(requested), _known(stored), *browsers)
    return next((language for language in candidates if language), DEFAULT)


def _known(tag: str) -> str:
    """The language that ``tag`` means, "de" for "de-AT"; empty if there is none."""
    if tag == PSEUDO:
        return PSEUDO
    base = re.split("[-_]", tag.strip().lower())[0]
    return base if base in LANGUAGES else ""


def _accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, best first (RFC 9110, 12.5.4); "q=0" and nonsense left out."""
    weighed = []
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        quality = re.fullmatch(r"\s*(?:q=([01](?:\.\d{0,3})?)\s*)?", weight)
        if quality and float(quality[1] or 1) > 0:
            weighed.append((float(quality[1] or 1), tag))
    return [tag for _, tag in sorted(weighed, key=lambda one: -one[0])]
