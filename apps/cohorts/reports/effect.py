"""Figures of relief: mean change, the cumulative curve, the waterfall, limits of agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from apps.cohorts.reports.crowd import Crowd
from apps.cohorts.reports.figure import HIDDEN, Figure, Row, count_cell, percent, shareable, span
from apps.cohorts.reports.plot import SERIES, Axis, Mark, Place, Plot, even, ranges
from sctrial.agreement import FEWEST, compute_agreement
from sctrial.cohort import (
    GroupReduction,
    Outcome,
    compute_group_reduction,
    compute_responder_curve,
    compute_waterfall,
)
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.intervals import Count, compute_proportion
from sctrial.responding import MeanOf, compute_mean_change

#: What a drawing cuts: a value is never cut, its bar may be.
LOWEST_DRAWN: Final = -100.0
NOBODY: Final = "Nobody of this cohort can be counted yet: it takes scores before and after, and an answer."
ZERO: Final = "with a zero baseline"


def missing_of(crowd: Crowd) -> dict[str, int]:
    """Everybody without a percent, each once."""
    population = crowd.population
    without = {f"without both {crowd.sides}": population.missing, ZERO: population.zero_baselines}
    return {**crowd.left_out, **without}


def mean_change(crowd: Crowd, *, shared: bool) -> Figure:
    found = {name: _change(name, outcomes, shared=shared) for name, outcomes in crowd.groups.items()}
    n = sum(one.mean.n for one in found.values())
    drawn = [one.drawn for one in found.values() if one.drawn]
    low = min([one[2] for one in drawn] + [-1.0])
    high = max([one[3] for one in drawn] + [0.0])
    low, high = floor(low), ceil(high)
    step = max(1, round((high - low) / 12))
    return Figure(
        key="mean_change",
        title="Mean change of pain",
        reading="Each dot is the mean of after minus before; left of 0 is relief.",
        n=n,
        missing={**crowd.left_out, f"without both {crowd.sides}": len(crowd.everybody) - n},
        of=f"Changes are in {crowd.points}, over {crowd.units} with both {crowd.sides}; means before and "
        "after are of the same ones, so their difference is the mean change. "
        "Two percents, not the same: the mean of the single percents, and the percent of the means, which "
        "weights each by its baseline; both are of those with a baseline above 0. "
        "Interval of the mean change: Student's t, 95 %.",
        columns=CHANGE_COLUMNS,
        rows=tuple(one.row for one in found.values()),
        plot=ranges(drawn, axis=Axis(low, high, even(low, high, step), crowd.axis), rule=0)
        if drawn
        else None,
        empty=NOBODY,
    )


CHANGE_COLUMNS: Final = (
    "Group",
    "n",
    "Mean before",
    "Mean after",
    "Mean change",
    "95 % interval",
    "n with a percent",
    "Mean of percents",
    "Percent of means",
    "With a score before",
    "Mean of those before",
    "With a score after",
    "Mean of those after",
)


@dataclass(frozen=True, slots=True)
class _Change:
    mean: MeanOf
    row: Row
    drawn: tuple[str, float, float, float] | None = None


def _change(name: str, outcomes: Sequence[Outcome], *, shared: bool) -> _Change:
    found, both = compute_mean_change(outcomes), compute_group_reduction(outcomes)
    size = count_cell(found.n, shared=shared)
    if shared and found.n < SMALLEST_SHOWN:
        return _Change(found, (name, size, *[None] * 3, HIDDEN, *[None] * 7))
    paired = [one for one in outcomes if one.has_both_sides]
    row = (
        name,
        size,
        *(_two(side[1]) for side in _sides(paired)),
        _two(found.mean),
        span(found.interval, times=1, places=2),
        count_cell(both.population.n, shared=shared),
        *_percents(both, shared=shared),
        # Two means of groups that differ by few would tell the score of those few.
        *([HIDDEN] * 4 if shared else (cell for n, mean in _sides(outcomes) for cell in (n, _two(mean)))),
    )
    if found.mean is None or found.interval is None:
        return _Change(found, row)
    return _Change(found, row, (f"{name}, n = {size}", found.mean, found.interval.low, found.interval.high))


def _percents(both: GroupReduction, *, shared: bool) -> Row:
    if shared and both.population.n < SMALLEST_SHOWN:
        return (HIDDEN, HIDDEN)
    found = (both.mean_of_percents, both.percent_of_means)
    return tuple(None if one is None else round(float(one), 1) for one in found)


def _two(value: float | None) -> str | None:
    return None if value is None else f"{value:z.2f}"


def _sides(outcomes: Sequence[Outcome]) -> list[tuple[int, float | None]]:
    """How many have it, and their mean; before, then after."""
    sides = [[one.baseline_mean for one in outcomes], [one.trial_mean for one in outcomes]]
    known = [[float(value) for value in side if value is not None] for side in sides]
    return [(len(side), sum(side) / len(side) if side else None) for side in known]


def curve(crowd: Crowd, *, shared: bool) -> Figure:
    rows: list[Row] = []
    marks: list[Mark] = [Mark("line", ((50, 0), (50, 100)), "limit")]
    n = 0
    for look, (name, outcomes) in zip(SERIES, crowd.groups.items(), strict=False):
        found = compute_responder_curve(outcomes, missing_as_nonresponders=crowd.lost_are_failures)
        n += found.of
        points = [(p.cut_off, compute_proportion(Count(p.count, found.of))) for p in found.points]
        told = [(at, shareable(one, shared=shared)) for at, one in points]
        known = [(at, one.count) for at, one in told if one is not None]
        heights = [(float(at), 100 * float(count.share)) for at, count in known if count.share is not None]
        if len(heights) > 1:
            marks.append(Mark("line", stepped(heights), look, name))
        rows += [
            (name, f"{at} %", count.met, count.of, percent(count.share))
            for at, count in known
            if at % 10 == 0
        ]
    return Figure(
        key="curve",
        title="Cumulative responder curve",
        reading="At each relief on the line below, the height is the share who had at least that much.",
        n=n,
        missing=lost_counted(crowd),
        of=f"Percent of {crowd.units}, {crowd.lost}. The curve falls in steps, as counts do.",
        columns=("Group", "At least", crowd.units.capitalize(), "Of", "Percent"),
        rows=tuple(rows),
        plot=Plot(
            Axis(0, 100, even(0, 100, 10, unit=" %"), "reduction of pain, at least"),
            Axis(0, 100, even(0, 100, 20, unit=" %"), f"share of {crowd.units}"),
            tuple(marks),
            key=tuple(zip(SERIES, crowd.groups, strict=False)),
        )
        if n
        else None,
        empty=NOBODY,
        notes=("The broken line marks 50 %.",),
    )


def stepped(points: Sequence[Place]) -> tuple[Place, ...]:
    """Each height holds back to the point before it: who has at least 49.5 % is counted at 49, not at 50."""
    places = list(points[:1])
    for at, height in points[1:]:
        places += [(places[-1][0], height), (at, height)]
    return tuple(places)


def lost_counted(crowd: Crowd) -> dict[str, int]:
    """Who is missing where drop-outs count, or do not."""
    missing = missing_of(crowd)
    if crowd.lost_are_failures:
        missing.pop(f"without both {crowd.sides}")
    return missing


def waterfall(crowd: Crowd) -> Figure:
    rows: list[Row] = []
    marks: list[Mark] = []
    for look, (name, outcomes) in zip(SERIES, crowd.groups.items(), strict=False):
        for _trial, exact in compute_waterfall(outcomes).bars:
            value, n = float(exact), len(rows)
            rows.append((name, n + 1, round(value, 1)))
            end = min(100.0, max(LOWEST_DRAWN, value))
            marks.append(Mark("box", ((n + 0.1, 0), (n + 0.9, end)), look, f"{name}: {value:.1f} %"))
    marks += [
        Mark("line", ((0, at), (max(1, len(rows)), at)), look) for at, look in ((0, "quiet"), (50, "limit"))
    ]
    return Figure(
        key="waterfall",
        title=f"Waterfall of every {crowd.unit}",
        reading=f"Each bar is one {crowd.unit}, best first within a group; bars below 0 are those in which "
        "pain got worse.",
        n=len(rows),
        missing=missing_of(crowd),
        of=f"Percent reduction of each {crowd.unit}'s own baseline mean. Bars end at -100 %; the "
        "table has every value.",
        columns=("Group", "Place", "Percent reduction"),
        rows=tuple(rows),
        plot=Plot(
            Axis(0, max(1, len(rows))),
            Axis(LOWEST_DRAWN, 100, even(-100, 100, 50, unit=" %"), "reduction of pain"),
            tuple(marks),
            key=tuple(zip(SERIES, crowd.groups, strict=False)),
        )
        if rows
        else None,
        empty=NOBODY,
        is_of_persons=True,
    )


def agreement(crowd: Crowd, *, pairs: Sequence[tuple[float, float]], shared: bool) -> Figure:
    """``pairs``: stated and computed percent of the same trial."""
    few = shared and len(pairs) < SMALLEST_SHOWN
    told = [] if few else pairs
    found = compute_agreement([one for one, _ in told], second=[other for _, other in told])
    rows: list[Row] = []
    marks: list[Mark] = []
    if found:
        for words, limit, look in (
            ("Mean difference", found.bias, "main"),
            ("Lower limit", found.low, "limit"),
            ("Upper limit", found.high, "limit"),
        ):
            rows.append((words, round(limit.value, 1), span(limit.interval, times=1)))
            marks.append(Mark("line", ((-100, limit.value), (100, limit.value)), look, words))
    if not shared:
        marks += [_pair(stated, computed) for stated, computed in pairs]
    reach = max([abs(a - b) for a, b in pairs] + [abs(mark.places[0][1]) for mark in marks] + [20.0])
    reach = 20.0 * (int(reach / 20) + 1)
    return Figure(
        key="agreement",
        title="Relief as stated and as computed",
        reading="Above 0 the patient stated more relief than the diary gives; most differences "
        "lie between the limits.",
        n=len(pairs),
        missing={
            **crowd.left_out,
            "without a stated relief or without a percent": len(crowd.everybody) - len(pairs),
        },
        of="Percent points: stated percent minus percent of the diary. Limits: mean "
        "difference and 1.96 standard "
        "deviations, with 95 % intervals (Bland and Altman 1999).",
        columns=("Figure", "Percent points", "95 % interval"),
        rows=tuple(rows),
        plot=Plot(
            Axis(-100, 100, even(-100, 100, 50, unit=" %"), "mean of both"),
            Axis(-reach, reach, even(-reach, reach, reach / 2), "stated minus computed"),
            tuple(marks),
        )
        if found
        else None,
        empty=f"Limits need {SMALLEST_SHOWN if shared else FEWEST} trials with both: "
        "ask for the stated relief on the trial page.",
    )


def _pair(stated: float, computed: float) -> Mark:
    words = f"{stated:.0f} stated, {computed:.0f} computed"
    return Mark("point", ((max(LOWEST_DRAWN, (stated + computed) / 2), stated - computed),), "second", words)
