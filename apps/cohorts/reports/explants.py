"""Figures of the implants: how long they stayed, and how many were under watch for how long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from apps.cohorts.reports.figure import FEW, HIDDEN, Figure, Row, count_cell, span
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.plot import Axis, Mark, Place, Plot, even
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.survival import Drop, Seen, Survival, compute_survival

NO_IMPLANT: Final = "No trial of this cohort has a permanent implant yet."
#: Days at which those under watch are counted; later ones by the year.
COUNTED_AT: Final = (0, 90, 180, 365)
YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Watch:
    """Each implant as long as it was seen, what follows from them, and which drops are told."""

    seen: Sequence[Seen]
    found: Survival
    told: Sequence[Drop]
    shared: bool

    @property
    def last(self) -> int:
        """The last day drawn; in what is shared no day on which one patient was seen last."""
        if self.shared:
            return self.told[-1].days if self.told else 1
        return max([1, *(one.days for one in self.seen)])


def watch(material: Material, *, shared: bool) -> Watch:
    """An implant without an explant counts to the last day on which its patient was seen, never to today."""
    seen = [
        Seen(((row["explanted_on"] or row["last_seen_on"]) - row["implanted_on"]).days,
             bool(row["explanted_on"]))
        for row in material.trials
        if row["implanted_on"]
    ]  # fmt: skip
    found = compute_survival(seen)
    return Watch(seen, found, _in_fives(found.drops) if shared else found.drops, shared)


def explants(material: Material, *, shared: bool) -> Figure:
    of = watch(material, shared=shared)
    hidden = shared and not of.told
    return Figure(
        key="explants",
        title="Time to explant",
        reading="The line is the share of implanted systems still in place; it falls where one was taken "
        "out. The band is its 95 % interval"
        + (", a small stroke a system last seen in place." if not shared else "."),
        n=of.found.n,
        missing={"not implanted": len(material.trials) - of.found.n},
        of="Percent of implanted systems, Kaplan-Meier; systems still in place count up to the last day on "
        "which the patient was seen: visit, revision or the implant itself. Intervals: 95 %, on the "
        "log(-log) scale with Greenwood's error. Taking out trial leads is no explant.",
        columns=("Days", "At risk", "Explants", "Percent in place", "95 % interval (log-log)"),
        rows=tuple(_line(drop, shared=shared) for drop in of.told),
        plot=_drawing(of) if of.seen and not hidden else None,
        empty="Too few explants to share." if of.seen else NO_IMPLANT,
        notes=_notes(of.found, shared=shared) if of.seen else (),
    )


def _line(drop: Drop, *, shared: bool) -> Row:
    counts = (count_cell(one, shared=shared) for one in (drop.at_risk, drop.events))
    return (drop.days, *counts, round(100 * drop.share, 1), span(drop.interval))


def _drawing(of: Watch) -> Plot:
    places: list[Place] = [(0.0, 100.0)]
    for drop in of.told:
        places += [(drop.days, places[-1][1]), (drop.days, 100 * drop.share)]
    places.append((of.last, places[-1][1]))
    marks = [*_bands(of), Mark("line", tuple(places), "main", "systems in place")]
    if not of.shared:
        marks += _strokes(of)
    key = [("main", "systems in place, with the band of their interval")]
    key += [] if of.shared else [("second", "a system last seen in place")]
    return Plot(
        Axis(0, of.last, even(0, of.last, max(1, of.last // 5)), "days since the implant"),
        Axis(0, 100, even(0, 100, 20, unit=" %"), "in place"),
        tuple(marks),
        key=tuple(key),
    )


def _bands(of: Watch) -> list[Mark]:
    ends = [drop.days for drop in of.told[1:]] + [of.last]
    return [
        Mark("area", ((drop.days, 100 * drop.interval.low), (end, 100 * drop.interval.high)), "main")
        for drop, end in zip(of.told, ends, strict=False)
        if drop.interval is not None
    ]


def _strokes(of: Watch) -> list[Mark]:
    days = sorted({one.days for one in of.seen if not one.event})
    heights = [100 * next((d.share for d in reversed(of.told) if d.days <= day), 1.0) for day in days]
    return [
        Mark(
            "line",
            ((day, max(0.0, at - 2.5)), (day, min(100.0, at + 2.5))),
            "second",
            f"last seen on day {day}",
        )
        for day, at in zip(days, heights, strict=True)
    ]


def at_risk(material: Material, *, shared: bool) -> Figure:
    of = watch(material, shared=shared)
    last = max([0, *(one.days for one in of.seen)])
    grid = [day for day in (*COUNTED_AT, *range(2 * YEAR, last + 1, YEAR)) if day <= last]
    return Figure(
        key="at_risk",
        title="Implants under watch",
        reading="Each line says how many implants were still in place and seen on that day or later: where "
        "they are few, the curve above says little.",
        n=len(of.seen),
        missing={"not implanted": len(material.trials) - len(of.seen)},
        columns=("Days", "At risk", "Explanted before", "Last seen before, in place"),
        rows=tuple(_counted(of, day) for day in grid) if of.seen else (),
        empty="" if of.seen else NO_IMPLANT,
    )


def _counted(of: Watch, day: int) -> Row:
    before = [one for one in of.seen if one.days < day]
    gone = sum(one.event for one in before)
    risk = count_cell(len(of.seen) - len(before), shared=of.shared)
    # Three parts of one whole: of what is shared the first is enough.
    return (day, risk, HIDDEN, HIDDEN) if of.shared else (day, risk, gone, len(before) - gone)


def _in_fives(drops: Sequence[Drop]) -> list[Drop]:
    """Explants told together, five or more a row, on the day of the last; a rest of fewer is left out."""
    told: list[Drop] = []
    first, events = None, 0
    for drop in drops:
        first, events = first or drop, events + drop.events
        if events >= SMALLEST_SHOWN:
            told.append(replace(drop, at_risk=first.at_risk, events=events))
            first, events = None, 0
    return told


def _notes(found: Survival, *, shared: bool) -> tuple[str, ...]:
    if shared and found.events < SMALLEST_SHOWN:
        return (f"{FEW} explants.",)
    half = "more days than were seen" if found.median is None else f"{found.median} days"
    together = ("Each row tells five or more explants together.",) if shared else ()
    events = count_cell(found.events, shared=shared)
    words = "explant" if events == 1 else "explants"
    return (f"{events} {words}; half of the systems are out after {half}.", *together)
