"""Intercurrent events and the strategy declared for each. Source: ICH E9(R1), 2019.

A percent answers a question only when it is said beforehand what an added drug, a changed program or an
early removal does to it. The mapping from kind of event to strategy belongs to the rule set or the trial;
here every event is listed with it, also the events that nobody declared anything for.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from sctrial.kleene import Answer


class EventKind(StrEnum):
    """What can happen during a trial that changes what a score means."""

    RESCUE_ANALGESIC = "rescue_analgesic"
    ANALGESIC_CUT = "analgesic_cut"
    PROGRAM_CHANGE = "program_change"
    STIMULATION_OFF = "stimulation_off"
    LEAD_MIGRATION = "lead_migration"
    EARLY_REMOVAL = "early_removal"
    NEW_ILLNESS_OR_INJURY = "new_illness_or_injury"
    PROCEDURE_PAIN = "procedure_pain"
    ZONE_SHIFT = "zone_shift"
    CROSSOVER = "crossover"


class Strategy(StrEnum):
    """The five strategies of ICH E9(R1)."""

    TREATMENT_POLICY = "treatment_policy"
    COMPOSITE = "composite"
    WHILE_ON_TREATMENT = "while_on_treatment"
    HYPOTHETICAL = "hypothetical"
    PRINCIPAL_STRATUM = "principal_stratum"

    @property
    def meaning(self) -> str:
        """What the strategy does to one patient's days, in a sentence."""
        return _MEANING[self]


_MEANING: Final[Mapping[Strategy, str]] = MappingProxyType(
    {
        Strategy.TREATMENT_POLICY: "The scores count as they are; the event is part of the treatment.",
        Strategy.COMPOSITE: "The event itself means that the rule is not met.",
        Strategy.WHILE_ON_TREATMENT: "Only the days before the event count.",
        Strategy.HYPOTHETICAL: (
            "The days of the event count as missing; a declared policy says what they would have been."
        ),
        Strategy.PRINCIPAL_STRATUM: (
            "It chooses patients, not days, so it changes nothing here and matters for a cohort."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``last_day`` None is still going on, ``note`` is the clinic's own words."""

    kind: EventKind
    first_day: date
    last_day: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the table: the event, its strategy (None: nobody declared one), the days it takes out."""

    event: Event
    strategy: Strategy | None
    days_out: tuple[date, ...]


def list_events(
    events: Iterable[Event], *, strategies: Mapping[EventKind, Strategy], days: Iterable[date]
) -> tuple[EventRow, ...]:
    """Every event with the strategy of its kind, by first day and kind.

    ``days`` are the trial days that have a score; those the strategy takes out of the figures are named.
    An event without a strategy takes nothing out and is listed with None.
    """
    scored = sorted(set(days))
    ordered = sorted(events, key=_place)
    return tuple(_row(event, strategies.get(event.kind), scored) for event in ordered)


def _place(event: Event) -> tuple[object, ...]:
    return event.first_day, event.kind, event.last_day or date.max, event.note


def _row(event: Event, strategy: Strategy | None, days: list[date]) -> EventRow:
    takes_out = _TAKES_OUT.get(strategy) if strategy is not None else None
    return EventRow(
        event, strategy, tuple(day for day in days if takes_out is not None and takes_out(event, day))
    )


def _is_during(event: Event, day: date) -> bool:
    return event.first_day <= day and (event.last_day is None or day <= event.last_day)


_TAKES_OUT: Final[Mapping[Strategy, Callable[[Event, date], bool]]] = MappingProxyType(
    {
        Strategy.WHILE_ON_TREATMENT: lambda event, day: day >= event.first_day,
        Strategy.HYPOTHETICAL: _is_during,
    }
)


def days_that_count(day_values: Mapping[date, Fraction], *, rows: Iterable[EventRow]) -> dict[date, Fraction]:
    """``day_values`` without the days that any event's strategy takes out."""
    out = {day for row in rows for day in row.days_out}
    return {day: value for day, value in day_values.items() if day not in out}


def settle_events(answer: Answer, *, rows: Iterable[EventRow]) -> Answer:
    """Not met when a composite strategy applies to any event, whatever the scores say; else ``answer``."""
    composite = any(row.strategy is Strategy.COMPOSITE for row in rows)
    return Answer.NOT_MET if composite else answer


def undeclared(rows: Iterable[EventRow]) -> tuple[Event, ...]:
    """The events that no strategy was declared for: the estimand is open until one is."""
    return tuple(row.event for row in rows if row.strategy is None)
