"""What is known of a trial beside its diary: stated relief, scores, time with leads, statements by people.

Everything may be missing. Not known is never "no": it is left out, and criteria that ask for it say so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from sctrial.eligibility import fact_named
from sctrial.instruments import score_named
from sctrial.scales import OffScale, show_exactly
from sctrial.seal import canonical_json, fraction_text
from sctrial.strict import Section, parse_fraction

_STATEMENT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
_ENDS: Final = (1, 7)
_NO_CHANGE: Final = 4


@dataclass(frozen=True, slots=True)
class GlobalChange:
    """An answer from 1 to 7 with the end that is the best: forms run both ways. Raises OffScale."""

    answer: int
    best: int

    def __post_init__(self) -> None:
        if self.best not in _ENDS or not _ENDS[0] <= self.answer <= _ENDS[1]:
            raise OffScale("a global change is an answer from 1 to 7 whose best end is 1 or 7")

    @property
    def steps(self) -> int:
        """Steps above "no change", from 3 (very much better) to -3 (very much worse)."""
        return (_NO_CHANGE - self.answer) if self.best == _ENDS[0] else (self.answer - _NO_CHANGE)


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """A score at baseline and at the end of the trial; None is "not known".

    ``version`` names the form, and the table a T-score or index was made with.
    """

    baseline: Fraction | None = None
    trial: Fraction | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts beside the diary. Raises OffScale, OffScore, UnknownScore, UnknownFact or ValueError.

    ``stated_relief`` is percent, below 0 when worse. ``lead_days`` are the calendar days between placing
    and removing the leads, ``lead_hours`` the exact time when it is known. ``scores``, ``eligibility`` and
    ``attested`` are by code. ``not_converted`` names opioids taken that have no conversion factor.
    """

    stated_relief: Fraction | None = None
    global_change: GlobalChange | None = None
    scores: Mapping[str, BeforeAndAfter] = field(default_factory=dict)
    lead_days: int | None = None
    lead_hours: Fraction | None = None
    stimulation_deficit: bool | None = None
    eligibility: Mapping[str, bool | Fraction] = field(default_factory=dict)
    attested: Mapping[str, bool] = field(default_factory=dict)
    not_converted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("scores", "eligibility", "attested"):
            object.__setattr__(self, name, dict(sorted(getattr(self, name).items())))
        object.__setattr__(self, "not_converted", tuple(sorted(set(self.not_converted))))
        self._require_sound()

    def __hash__(self) -> int:
        return hash(canonical_json(self.canonical()))

    def _require_sound(self) -> None:
        if self.stated_relief is not None and self.stated_relief > 100:
            shown = show_exactly(self.stated_relief)
            raise OffScale(f"{shown} % is more relief than there is; write at most 100")
        for length in (self.lead_days, self.lead_hours):
            if length is not None and length < 0:
                raise OffScale("the time with leads in is below 0; check the days of placing and removing")
        for code, score in self.scores.items():
            for value in (score.baseline, score.trial):
                if value is not None:
                    score_named(code).require(value)
        for code, given in self.eligibility.items():
            fact_named(code).require(given)
        if not all(_STATEMENT.fullmatch(name) for name in self.attested):
            raise ValueError("a statement is named by letters, digits and _, starting with a letter")
        if not all(agent.strip() for agent in self.not_converted):
            raise ValueError("an opioid without a factor has no name; name it")

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known beside the diary."""
        return self == NO_FACTS

    def canonical(self) -> dict[str, object]:
        """Plain and stable; ``read_facts`` is its inverse."""
        change = self.global_change
        return {
            "stated_relief": _text_or_none(self.stated_relief),
            "global_change": change and {"answer": change.answer, "best": change.best},
            "scores": {code: _score_out(score) for code, score in self.scores.items()},
            "lead_days": self.lead_days,
            "lead_hours": _text_or_none(self.lead_hours),
            "stimulation_deficit": self.stimulation_deficit,
            "eligibility": {
                code: given if isinstance(given, bool) else fraction_text(given)
                for code, given in self.eligibility.items()
            },
            "attested": dict(self.attested),
            "not_converted": list(self.not_converted),
        }


NO_FACTS: Final = Facts()


def read_facts(section: Section) -> Facts:
    """The facts whose ``canonical()`` is in ``section``. Raises DocumentError, and what Facts raises."""
    facts = Facts(
        stated_relief=section.optional_fraction("stated_relief"),
        global_change=_read_change(section),
        scores=_read_scores(section.section("scores")),
        lead_days=section.optional_whole("lead_days"),
        lead_hours=section.optional_fraction("lead_hours"),
        stimulation_deficit=section.optional_flag("stimulation_deficit"),
        eligibility=_read_eligibility(section.section("eligibility")),
        attested=_read_flags(section.section("attested")),
        not_converted=section.texts("not_converted"),
    )
    section.close()
    return facts


def _read_change(section: Section) -> GlobalChange | None:
    if section.value_of("global_change") is None:
        return None
    inner = section.section("global_change")
    change = GlobalChange(answer=inner.count("answer"), best=inner.count("best"))
    inner.close()
    return change


def _read_scores(section: Section) -> dict[str, BeforeAndAfter]:
    found = {}
    for code in section.keys:
        inner = section.section(code)
        found[code] = BeforeAndAfter(
            baseline=inner.optional_fraction("baseline"),
            trial=inner.optional_fraction("trial"),
            version=inner.optional_text("version"),
        )
        inner.close()
    return found


def _read_eligibility(section: Section) -> dict[str, bool | Fraction]:
    return {
        code: given
        if isinstance(given := section.value_of(code), bool)
        else section.parsed(code, parse_fraction)
        for code in section.keys
    }


def _read_flags(section: Section) -> dict[str, bool]:
    return {name: section.flag(name) for name in section.keys}


def _score_out(score: BeforeAndAfter) -> dict[str, object]:
    return {
        "baseline": _text_or_none(score.baseline),
        "trial": _text_or_none(score.trial),
        "version": score.version,
    }


def _text_or_none(value: Fraction | None) -> str | None:
    return None if value is None else fraction_text(value)
