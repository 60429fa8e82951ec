"""Everything a verdict may look at, frozen, with one canonical form and one digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from sctrial.facts import NO_FACTS, Facts, read_facts
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, OffScale, ScaleCode, ScoreKind
from sctrial.seal import digest, fraction_text
from sctrial.strict import Section
from sctrial.windows import Several, Window, parse_window

#: Raised whenever the canonical form changes, so that an old digest is never compared with a new one.
FORMAT: Final = "sctrial.evidence/2"
#: The form without facts beside the diary. Evidence that has none is still written so: what was sealed
#: before there were facts keeps its digest.
FORMAT_WITHOUT_FACTS: Final = "sctrial.evidence/1"
#: The form of a diary that somebody else than the patient wrote in, with facts or without.
FORMAT_WITH_ORIGINATORS: Final = "sctrial.evidence/3"


class Originator(StrEnum):
    """Who gave an answer in the patient's place."""

    #: A caregiver.
    PROXY = "proxy"
    #: A member of staff who wrote down what was said on the phone.
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Entry:
    """One score of a diary: ``value`` in scale points, ``source`` the id of the record it came from.

    ``originator`` is None for the patient's own answer, and where a file does not say whose it is.
    """

    day: date
    phase: DiaryPhase
    region: str
    kind: ScoreKind
    value: Fraction
    source: str | None = None
    originator: Originator | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """What was fixed before the leads went in: which days count, how a day is read, on which scale."""

    baseline_window: Window
    trial_window: Window
    several: Several
    scale: ScaleCode


@dataclass(frozen=True, slots=True)
class Analgesics:
    """Morphine milligram equivalents (MME) a day; None is "not known", which is not 0.

    ``table`` names the version of the conversion table the figures were made with.
    """

    baseline: Fraction | None = None
    trial: Fraction | None = None
    table: str | None = None


@dataclass(frozen=True)
class Evidence:
    """The evidence about one trial; entries are held in canonical order, so equal evidence has one digest.

    The order is phase, day, region, kind. Within a day the given sequence is kept when the first or last
    score counts; for a mean it means nothing, so value, source and originator order them. Raises OffScale
    for a score that the scale does not have, ValueError for a blank region or source.
    """

    protocol: Protocol
    entries: tuple[Entry, ...] = ()
    analgesics: Analgesics = field(default_factory=Analgesics)
    satisfied: bool | None = None
    facts: Facts = NO_FACTS

    def __post_init__(self) -> None:
        self._require_sound()
        key = _SORT_KEYS.get(self.protocol.several, _place)
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=key)))

    def _require_sound(self) -> None:
        scale = SCALES[self.protocol.scale]
        for value in {entry.value for entry in self.entries}:
            scale.require_on_scale(value)
        names = {entry.region for entry in self.entries} | {entry.source for entry in self.entries}
        if any(name is not None and not name.strip() for name in names):
            raise ValueError("an entry has a blank region or source; name the region, leave the source None")
        for amount in (self.analgesics.baseline, self.analgesics.trial):
            if amount is not None and amount < 0:
                raise OffScale(f"{amount} MME a day is below 0; give the amount, or none when not known")

    def canonical(self) -> dict[str, object]:
        """The evidence as plain text, flags and lists; ``evidence_from_canonical`` is its inverse."""
        facts = {} if self.facts.is_empty else {"facts": self.facts.canonical()}
        return {
            "format": self._format,
            **facts,
            "protocol": {
                "baseline_window": str(self.protocol.baseline_window),
                "trial_window": str(self.protocol.trial_window),
                "several": self.protocol.several.value,
                "scale": self.protocol.scale.value,
            },
            "entries": [_entry_out(entry) for entry in self.entries],
            "analgesics": {
                "baseline": _text_or_none(self.analgesics.baseline),
                "trial": _text_or_none(self.analgesics.trial),
                "table": self.analgesics.table,
            },
            "satisfied": self.satisfied,
        }

    @property
    def _format(self) -> str:
        if any(entry.originator is not None for entry in self.entries):
            return FORMAT_WITH_ORIGINATORS
        return FORMAT_WITHOUT_FACTS if self.facts.is_empty else FORMAT

    @cached_property
    def digest(self) -> str:
        """``"sha256:<hex>"`` over the canonical form."""
        return digest(self.canonical())


def evidence_from_canonical(content: Mapping[str, object], *, origin: str = "evidence") -> Evidence:
    """The evidence whose ``canonical()`` is ``content``, in any of the formats.

    Raises DocumentError, and what Evidence and Facts raise for values that cannot be.
    """
    top = Section(content, origin=origin)
    written = top.text("format")
    known = (FORMAT_WITHOUT_FACTS, FORMAT, FORMAT_WITH_ORIGINATORS)
    if written not in known:
        named = ", ".join(map(repr, known))
        raise top.error("format", f"is none of {named}; use the release that wrote this document")
    has_facts = written == FORMAT or (written == FORMAT_WITH_ORIGINATORS and "facts" in content)
    facts = read_facts(top.section("facts")) if has_facts else NO_FACTS
    if has_facts and facts.is_empty:
        # One evidence, one digest: the newer form without facts would be a second way to say the same.
        raise top.error("facts", f"says nothing; write the document as {FORMAT_WITHOUT_FACTS!r} without it")
    evidence = Evidence(
        protocol=_read_protocol(top.section("protocol")),
        entries=tuple(
            _read_entry(section, with_originator=written == FORMAT_WITH_ORIGINATORS)
            for section in top.sections("entries")
        ),
        analgesics=_read_analgesics(top.section("analgesics")),
        satisfied=top.optional_flag("satisfied"),
        facts=facts,
    )
    top.close()
    if evidence.canonical()["format"] != written:
        raise top.error("format", f"is {written!r}, yet no entry names an originator; write the earlier form")
    return evidence


def _place(entry: Entry) -> tuple[object, ...]:
    return entry.phase, entry.day, entry.region, entry.kind


def _place_and_value(entry: Entry) -> tuple[object, ...]:
    return *_place(entry), entry.value, entry.source or "", entry.originator or ""


_SORT_KEYS: Final = {Several.MEAN: _place_and_value}


def _text_or_none(value: Fraction | None) -> str | None:
    return None if value is None else fraction_text(value)


def _entry_out(entry: Entry) -> dict[str, object]:
    by = {} if entry.originator is None else {"originator": entry.originator.value}
    return by | {
        "day": entry.day.isoformat(),
        "phase": entry.phase.value,
        "region": entry.region,
        "kind": entry.kind.value,
        "value": fraction_text(entry.value),
        "source": entry.source,
    }


def _read_protocol(section: Section) -> Protocol:
    protocol = Protocol(
        baseline_window=_read_window(section, "baseline_window"),
        trial_window=_read_window(section, "trial_window"),
        several=section.choice("several", of=Several),
        scale=section.choice("scale", of=ScaleCode),
    )
    section.close()
    return protocol


def _read_window(section: Section, key: str) -> Window:
    return section.parsed(key, parse_window)


def _read_entry(section: Section, *, with_originator: bool) -> Entry:
    named = with_originator and "originator" in section.keys
    entry = Entry(
        day=section.day("day"),
        phase=section.choice("phase", of=DiaryPhase),
        region=section.text("region"),
        kind=section.choice("kind", of=ScoreKind),
        value=section.fraction("value"),
        source=section.optional_text("source"),
        originator=section.choice("originator", of=Originator) if named else None,
    )
    section.close()
    return entry


def _read_analgesics(section: Section) -> Analgesics:
    analgesics = Analgesics(
        baseline=section.optional_fraction("baseline"),
        trial=section.optional_fraction("trial"),
        table=section.optional_text("table"),
    )
    section.close()
    return analgesics
