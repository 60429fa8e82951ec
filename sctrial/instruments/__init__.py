"""Instruments by licence class: item codes, scoring, validity rules, ranges. Never a word of item text.

``INSTRUMENTS`` is the one table, ``SCORES`` the scores of all by their own codes; a rule set names a score.
"""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.instruments.function import FUNCTION
from sctrial.instruments.kinds import (
    Alert,
    Band,
    Bands,
    Better,
    Combine,
    Instrument,
    Licence,
    OffScore,
    Rule,
    Score,
    SmallestChange,
)
from sctrial.instruments.mood import MOOD
from sctrial.instruments.pain import PAIN
from sctrial.instruments.quality import QUALITY, compute_goudman_composite
from sctrial.instruments.scoring import Answers, BadAnswer, NotScoredHere, Scored, score

__all__ = [
    "INSTRUMENTS",
    "SCORES",
    "Alert",
    "Answers",
    "BadAnswer",
    "Band",
    "Bands",
    "Better",
    "Combine",
    "Instrument",
    "Licence",
    "NotScoredHere",
    "OffScore",
    "Rule",
    "Score",
    "Scored",
    "SmallestChange",
    "UnknownInstrument",
    "UnknownScore",
    "check_total",
    "compute_goudman_composite",
    "instrument_named",
    "score_answers",
    "score_named",
]


class UnknownInstrument(LookupError):
    """A code that is no instrument's; the message lists those that are."""


class UnknownScore(LookupError):
    """A code that is no score's; the message lists those that are."""


INSTRUMENTS: Final[Mapping[str, Instrument]] = MappingProxyType(
    {instrument.code: instrument for instrument in (*PAIN, *FUNCTION, *MOOD, *QUALITY)}
)
SCORES: Final[Mapping[str, Score]] = MappingProxyType(
    {one.code: one for instrument in INSTRUMENTS.values() for one in instrument.scores}
)


def instrument_named(code: str) -> Instrument:
    """The instrument called ``code``. Raises UnknownInstrument."""
    if code not in INSTRUMENTS:
        raise UnknownInstrument(f"{code!r} is not an instrument; known are: {', '.join(INSTRUMENTS)}")
    return INSTRUMENTS[code]


def score_named(code: str) -> Score:
    """The score called ``code``. Raises UnknownScore."""
    if code not in SCORES:
        raise UnknownScore(f"{code!r} is not a score; known are: {', '.join(SCORES)}")
    return SCORES[code]


def score_answers(answers: Answers, *, instrument: str) -> Scored:
    """Every score of the instrument called ``instrument`` that ``answers`` (item code to answer) allow.

    Exact; a score with too few answers is None with the reason. Raises UnknownInstrument, BadAnswer for an
    item or answer the instrument does not have, NotScoredHere where only a total may be stored.
    """
    return score(answers, instrument=instrument_named(instrument))


def check_total(value: Fraction, *, score: str) -> Fraction:
    """``value`` unchanged when the score called ``score`` can have it. Raises UnknownScore, OffScore."""
    return score_named(score).require(value)
