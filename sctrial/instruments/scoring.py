"""Answers to scores, strictly: unknown items and impossible answers are refused, missing ones are counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sctrial.instruments.kinds import Alert, Instrument, Licence, Rule
from sctrial.seal import fraction_text

#: An answer: a whole number; several numbers where several boxes were ticked; None when left open.
Answers = Mapping[str, "int | tuple[int, ...] | None"]


class BadAnswer(ValueError):
    """An answer that the instrument does not have; the message names item, answer and remedy."""


class NotScoredHere(ValueError):
    """An instrument whose scoring key may not be shipped; only its total is stored."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores by code, each exact or None with its reason; ``alerts`` are for staff, at once.

    ``profile`` is the string of answers where the instrument is described by one (EQ-5D), else None.
    """

    instrument: str
    scores: Mapping[str, Fraction | None]
    reasons: Mapping[str, str]
    answered: int
    of: int
    alerts: tuple[Alert, ...] = ()
    profile: str | None = None

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        return {
            "instrument": self.instrument,
            "scores": {code: _text_or_none(value) for code, value in sorted(self.scores.items())},
            "reasons": dict(sorted(self.reasons.items())),
            "answered": self.answered,
            "of": self.of,
            "alerts": [alert.code for alert in self.alerts],
            "profile": self.profile,
        }


def score(answers: Answers, *, instrument: Instrument) -> Scored:
    """Every score of ``instrument`` that can be made from ``answers`` by its own missing-item rule.

    Raises BadAnswer for an item or answer the instrument does not have, NotScoredHere for class R.
    """
    if instrument.licence is Licence.TOTAL_ONLY:
        raise NotScoredHere(f"{instrument.code} is scored by its licence holder's key; store its total")
    given = _read(answers, instrument)
    made = {one.code: one.rule.compute(given) for one in instrument.scores if one.rule is not None}
    rules = {one.code: one.rule for one in instrument.scores if one.rule is not None}
    return Scored(
        instrument=instrument.code,
        scores=made,
        reasons={code: _too_few(rules[code], given) for code, value in made.items() if value is None},
        answered=len(given),
        of=len(instrument.items),
        alerts=tuple(alert for alert in instrument.alerts if given.get(alert.item, 0) > alert.above),
        profile=_profile(instrument, given),
    )


def _read(answers: Answers, instrument: Instrument) -> dict[str, int]:
    unknown = sorted(set(answers) - set(instrument.items))
    if unknown:
        known = ", ".join(instrument.items)
        raise BadAnswer(f"{instrument.code} has no item {unknown[0]!r}; its items are: {known}")
    return {
        item: _read_one(item, answer, instrument) for item, answer in answers.items() if answer is not None
    }


def _read_one(item: str, answer: object, instrument: Instrument) -> int:
    marked = answer if isinstance(answer, tuple) and instrument.several else (answer,)
    low, high = instrument.ends_of(item)
    for one in marked:
        if not isinstance(one, int) or isinstance(one, bool) or not low <= one <= high:
            raise BadAnswer(f"{item}: {one!r} is not an answer; write a whole number from {low} to {high}")
    if not marked:
        raise BadAnswer(f"{item}: no box is marked; leave the item out when it was not answered")
    return max(one for one in marked if isinstance(one, int))


def _too_few(rule: Rule, given: Mapping[str, int]) -> str:
    answered = sum(item in given for item in rule.items)
    return f"{answered} of {len(rule.items)} items answered; at least {rule.fewest} are needed"


#: Instruments that are described by the string of their answers, with the items in it.
PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    "eq_5d_5l": ("mobility", "self_care", "usual_activities", "pain_discomfort", "anxiety_depression"),
}


def _profile(instrument: Instrument, given: Mapping[str, int]) -> str | None:
    items = PROFILES.get(instrument.code)
    if items is None or not all(item in given for item in items):
        return None
    return "".join(str(given[item]) for item in items)


def _text_or_none(value: Fraction | None) -> str | None:
    return None if value is None else fraction_text(value)
