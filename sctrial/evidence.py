"""Everything a verdict may look at, frozen, with one canonical form and one digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One score of a diary: ``value`` in scale points, ``source`` the id of the record it came from."""

    day: date
    phase: DiaryPhase
    region: str
    kind: ScoreKind
    value: Fraction
    source: str | None = None


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
    score counts; for a mean it means nothing, so value and source order them. Raises OffScale
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
            "format": FORMAT if facts else FORMAT_WITHOUT_FACTS,
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

    @cached_property
    def digest(self) -> str:
        """``"sha256:<hex>"`` over the canonical form."""
        return digest(self.canonical())


def evidence_from_canonical(content: Mapping[str, object], *, origin: str = "evidence") -> Evidence:
    """The evidence whose ``canonical()`` is ``content``, in either format.

    Raises DocumentError, and what Evidence and Facts raise for values that cannot be.
    """
    top = Section(content, origin=origin)
    written = top.text("format")
    if written not in (FORMAT, FORMAT_WITHOUT_FACTS):
        known = f"{FORMAT_WITHOUT_FACTS!r} or {FORMAT!r}"
        raise top.error("format", f"is not {known}; use the release that wrote this document")
    facts = read_facts(top.section("facts")) if written == FORMAT else NO_FACTS
    if written == FORMAT and facts.is_empty:
        # One evidence, one digest: the newer form without facts would be a second way to say the same.
        raise top.error("facts", f"says nothing; write the document as {FORMAT_WITHOUT_FACTS!r} without it")
    evidence = Evidence(
        protocol=_read_protocol(top.section("protocol")),
        entries=tuple(_read_entry(section) for section in top.sections("entries")),
        analgesics=_read_analgesics(top.section("analgesics")),
        satisfied=top.optional_flag("satisfied"),
        facts=facts,
    )
    top.close()
    return evidence


def _place(entry: Entry) -> tuple[object, ...]:
    return entry.phase, entry.day, entry.region, entry.kind


def _place_and_value(entry: Entry) -> tuple[object, ...]:
    return entry.phase, entry.day, entry.region, entry.kind, entry.value, entry.source or ""


_SORT_KEYS: Final = {Several.MEAN: _place_and_value}


def _text_or_none(value: Fraction | None) -> str | None:
    return None if value is None else fraction_text(value)


def _entry_out(entry: Entry) -> dict[str, object]:
    return {
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


def _read_entry(section: Section) -> Entry:
    entry = Entry(
        day=section.day("day"),
        phase=section.choice("phase", of=DiaryPhase),
        region=section.text("region"),
        kind=section.choice("kind", of=ScoreKind),
        value=section.fraction("value"),
        source=section.optional_text("source"),
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
