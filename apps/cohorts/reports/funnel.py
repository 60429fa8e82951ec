"""Clinics side by side: how far from all together a clinic of its size may lie by chance."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from apps.cohorts.reports.figure import HIDDEN, Figure, Row, is_small, percent, span
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.plot import Axis, Mark, Place, Plot, even
from apps.workspace.chart import LETTER, WIDE
from sctrial.funnel import ALARM, WARNING, Funnel, compute_funnel, compute_limits
from sctrial.intervals import Count
from sctrial.sharing import round_count

#: Percent points from a dot to the foot of its name.
ABOVE, BELOW = 4, 7
#: Percent points from the foot of a name to the middle of its letters.
MIDDLE: Final = 2
#: About as wide as the axis of sizes is drawn on paper and on a desk.
ACROSS: Final = 0.9 * WIDE
KEY: Final = (
    ("main", "a clinic"),
    ("quiet", "all clinics together; broken line: 95 % limits"),
    ("bad", "dotted line: 99.8 % limits"),
)


def funnel(material: Material, *, shared: bool) -> Figure:
    judged = [
        (row["clinic"], row["answer"]) for row in material.trials if row["answer"] in ("met", "not_met")
    ]
    sizes, met = Counter(clinic for clinic, _ in judged), Counter(c for c, a in judged if a == "met")
    counts = {clinic: Count(met[clinic], of) for clinic, of in sizes.items()}
    held = {name: count for name, count in counts.items() if shared and is_small(count)}
    found = compute_funnel(_without_names(counts, held) if shared else counts)
    rows: list[Row] = [
        (one.name, one.count.met, one.count.of, percent(one.count.share), span(one.warning), span(one.alarm))
        for one in found.places
    ]
    if held:
        rows.append(("Clinics with too few to tell", HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN))
    return Figure(
        key="funnel",
        title="Clinics side by side",
        reading="Each dot is a clinic. Between the broken lines (95 %) its difference from all together is "
        "one that chance alone often makes; outside the dotted ones (99.8 %) chance seldom does: look why.",
        n=len(judged),
        missing={"without an answer of met or not met": len(material.trials) - len(judged)},
        of="Percent of evaluable trials that met their rule. Limits: exact binomial, 95 and "
        "99.8 % (Spiegelhalter "
        "2005), not adjusted for case mix.",
        columns=("Clinic", "Met", "Of", "Percent", "95 % limits", "99.8 % limits"),
        rows=tuple(rows),
        plot=_plot(found) if found.places else None,
        empty="No trial has been judged met or not met, or every count is too small to share.",
    )


def _without_names(counts: Mapping[str, Count], held: Mapping[str, Count]) -> dict[str, Count]:
    """The clinics that may be told, by size and without names, their counts rounded."""
    told = sorted((Count(round_count(one.met), round_count(one.of)) for name, one in counts.items()
                   if name not in held), key=lambda one: (-one.of, -one.met))  # fmt: skip
    return {f"Clinic {number}": one for number, one in enumerate(told, 1)}


def _plot(found: Funnel) -> Plot:
    most = max(place.count.of for place in found.places) + 2
    lines = list(_lines(found, most))
    dots = {one.name: (float(one.count.of), 100 * float(one.count.share or 0)) for one in found.places}
    marks = list(lines)
    for name, dot in dots.items():
        near = [place for mark in lines for place in mark.places]
        near += [other for other in dots.values() if other != dot]
        marks += [Mark("point", (dot,), "main", name), _name_beside(dot, name, near=near, most=most)]
    return Plot(
        Axis(1, most, even(1, most, max(1, most // 8)), "evaluable trials"),
        Axis(0, 100, even(0, 100, 20, unit=" %"), "met the rule"),
        tuple(marks),
        key=KEY,
    )


def _lines(found: Funnel, most: int) -> Iterator[Mark]:
    assert found.target is not None
    sizes = range(1, most + 1)
    yield Mark("line", tuple((n, 100 * float(found.target)) for n in sizes), "quiet")
    for inside, look in ((WARNING, "limit"), (ALARM, "alarm")):
        limits = [(n, compute_limits(n, target=found.target, inside=inside)) for n in sizes]
        yield Mark("line", tuple((n, 100 * one.low) for n, one in limits), look)
        yield Mark("line", tuple((n, 100 * one.high) for n, one in limits), look)


def _name_beside(dot: Place, name: str, *, near: Sequence[Place], most: int) -> Mark:
    """Above or below its dot, to its left or right: within the drawing, and there farthest from the rest."""
    at, share = dot
    long = len(name) * LETTER / ACROSS * (most - 1)
    ends = {"start": (at, at + long), "end": (at - long, at)}

    def room(where: tuple[float, str]) -> tuple[bool, float]:
        foot, anchor = where
        low, high = ends[anchor]
        apart = [abs(foot + MIDDLE - y) for x, y in near if low - 1 <= x <= high + 1]
        is_inside = 0 < foot < 100 and low >= 1 and high <= most
        return is_inside, min(apart, default=100.0)

    foot, anchor = max(product((share + ABOVE, share - BELOW), ends), key=room)
    return Mark("text", ((at, foot),), "text", name, anchor)
