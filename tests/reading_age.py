"""The reading age of short texts in English, Spanish and German, and what to do where it is too high.

A text may ask for five years of school and no more: readers of about 9 to 11. Each language has its own
formula, for they count different things; all three give a year of school:

* English, Flesch-Kincaid grade (Kincaid, Fishburne, Rogers & Chissom 1975, Navy Research Branch Report 8-75):
  0.39 * words a sentence + 11.8 * syllables a word - 15.59
* Spanish, Crawford (1989, Lectura y Vida 10(4)), made on readers of primary school and valid up to year 6:
  -0.205 * sentences in 100 words + 0.049 * syllables in 100 words - 3.407
* German, first Wiener Sachtextformel (Bamberger & Vanecek 1984), whose easiest texts are those of year 4:
  0.1935 * MS + 0.1672 * SL + 0.1297 * IW - 0.0327 * ES - 0.875; MS, IW and ES are the percent of words with
  three syllables or more, with more than six letters, and with one syllable; SL is words a sentence

The formulas were made for passages of about 100 words. So a text is judged as a whole, over its sentences
only: labels of two words would make any text look easy. One sentence is judged from eight words on, and more
loosely: a syllable more among eight words moves the English grade by 11.8 / 8 = 1.5 years, a long word the
German one by (19.35 + 12.97) / 8 = 4. That finds the sentence to rewrite. Length has limits of its own.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pyphen  # type: ignore[import-untyped]

#: Year 5 of school ends at about 11.
YEAR_LIMIT: Final = 6.0
#: The content guide of the NHS asks for sentences of at most 20 words; a phone shows less than a leaflet.
LONGEST_SENTENCE: Final = 18
#: Choices, buttons and headings are read at a glance.
LONGEST_LABEL: Final = 14
SHORTEST_JUDGED: Final = 8

_WORD: Final = re.compile(r"[^\W_]+(?:['’.,:-][^\W_]+)*")
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.?!…])\s+|\n+")
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or label, and the key of the text that it stands in."""

    key: str
    text: str

    @property
    def words(self) -> list[str]:
        """A placeholder counts as a word of one syllable: what will stand there is not ours."""
        return _WORD.findall(_PLACEHOLDER.sub("0", self.text))

    @property
    def is_label(self) -> bool:
        return not self.text.endswith((".", "?", "!", "…"))


def texts_in(node: Any, *, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string in parsed JSON with its path, such as ("questions.sleep.text", "How well ...")."""
    if isinstance(node, str):
        yield key, node
        return
    for name, value in node.items() if isinstance(node, Mapping) else enumerate(node):
        yield from texts_in(value, key=f"{key}.{name}" if key else str(name))


def sentences_in(texts: Mapping[str, str]) -> list[Sentence]:
    return [
        Sentence(key, part) for key, text in texts.items() for part in _BETWEEN_SENTENCES.split(text) if part
    ]


def syllables(word: str, *, language: str) -> int:
    """The greater of two counts, for each misses some and adds few.

    pyphen knows where a line may break, and no line breaks after one letter or before the last: it finds one
    syllable in "every". Groups of vowels find those, but take "quiet" for one.
    """
    tongue = TONGUES[language]
    sounded = tongue.silent.sub("", word.lower())
    breaks: int = len(_breaker(language).positions(word))
    return max(1, breaks + 1, len(tongue.nucleus.findall(sounded)))


@cache
def _breaker(language: str) -> Any:
    return pyphen.Pyphen(lang=language)


@dataclass(frozen=True, slots=True)
class Counts:
    """What the formulas are made of. ``lengths`` are letters a word."""

    sentences: int
    syllables: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def words(self) -> int:
        return len(self.syllables)

    def percent(self, among: Sequence[bool]) -> float:
        return 100 * sum(among) / self.words


def count(sentences: Sequence[Sentence], *, language: str) -> Counts:
    words = [word for sentence in sentences for word in sentence.words]
    return Counts(
        sentences=len(sentences),
        syllables=tuple(syllables(word, language=language) for word in words),
        lengths=tuple(len(word) for word in words),
    )


def flesch_kincaid(counts: Counts) -> float:
    """Kincaid and others 1975; a US grade, year 5 at ages 10 to 11."""
    return 0.39 * counts.words / counts.sentences + 11.8 * sum(counts.syllables) / counts.words - 15.59


def crawford(counts: Counts) -> float:
    """Crawford 1989; a year of primary school, year 5 at ages 10 to 11."""
    return (
        -0.205 * 100 * counts.sentences / counts.words
        + 0.049 * 100 * sum(counts.syllables) / counts.words
        - 3.407
    )


def wiener_sachtextformel(counts: Counts) -> float:
    """Bamberger and Vanecek 1984, the first of four; an Austrian school year, year 5 at ages 10 to 11."""
    return (
        0.1935 * counts.percent([number >= 3 for number in counts.syllables])
        + 0.1672 * counts.words / counts.sentences
        + 0.1297 * counts.percent([letters > 6 for letters in counts.lengths])
        - 0.0327 * counts.percent([number == 1 for number in counts.syllables])
        - 0.875
    )


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one language is read. ``nucleus`` is what makes a syllable, ``silent`` what is written only."""

    formula: Callable[[Counts], float]
    sentence_limit: float
    nucleus: re.Pattern[str]
    silent: re.Pattern[str]


TONGUES: Final[Mapping[str, Tongue]] = {
    "en": Tongue(
        flesch_kincaid,
        sentence_limit=9.0,
        # Two vowels are mostly one sound, but not in "trial", "diary", "idea" and "area".
        nucleus=re.compile(r"(?<![cst])i(?=a)|(?<=\w{2})e(?=a$)|[aeiouy]+"),
        # The last e of "time", "walked"; not of "table", "needed".
        silent=re.compile(r"(?<![^aeiouy]l)e$|(?<![td])ed$"),
    ),
    "es": Tongue(
        crawford,
        sentence_limit=7.0,
        # A weak vowel joins a strong one, unless it has an accent: "siete" is two, "día" is two.
        nucleus=re.compile(r"[iuü]?[aeoáéó](?:[iuy](?![aeoáéó]))?|[íú]|[iuü]+|y(?![aeiouáéíóú])"),
        silent=re.compile(r"(?<=[qg])u(?=[eéií])"),
    ),
    "de": Tongue(
        wiener_sachtextformel,
        sentence_limit=10.0,
        nucleus=re.compile(r"au|ei|eu|äu|ie|ai|ee|oo|aa|[aeiouyäöü]"),
        silent=re.compile(r"(?!)"),
    ),
}


def school_year(sentences: Sequence[Sentence], *, language: str) -> float:
    return TONGUES[language].formula(count(sentences, language=language))


def complaints(texts: Mapping[str, str], *, language: str) -> list[str]:
    """What is too hard in ``texts`` (key to text), each with its sentence and the remedy."""
    parts = sentences_in(texts)
    running = [part for part in parts if not part.is_label]
    found = [said for part in parts for said in _of_one(part, language=language)]
    if running and (year := school_year(running, language=language)) >= YEAR_LIMIT:
        hardest = max(running, key=lambda part: school_year([part], language=language) * len(part.words))
        found.append(
            f"{language}: the text as a whole asks for school year {year:.1f}, the limit is {YEAR_LIMIT}. "
            f'Begin with {hardest.key}: "{hardest.text}"'
        )
    return found


def _of_one(part: Sentence, *, language: str) -> Iterator[str]:
    words = part.words
    limit = LONGEST_LABEL if part.is_label else LONGEST_SENTENCE
    if len(words) > limit:
        kind = "label" if part.is_label else "sentence"
        yield f'{part.key}: {len(words)} words, at most {limit} in a {kind}. Make two of it: "{part.text}"'
    if part.is_label or len(words) < SHORTEST_JUDGED:
        return
    year, most = school_year([part], language=language), TONGUES[language].sentence_limit
    if year > most:
        longest = sorted(set(words), key=lambda word: -syllables(word, language=language))[:2]
        yield (
            f"{part.key}: school year {year:.1f}, at most {most} in one sentence. Find shorter words for "
            f'{" and ".join(longest)}, or make two sentences: "{part.text}"'
        )
