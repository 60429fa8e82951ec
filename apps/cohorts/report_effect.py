"""Figures of relief: responders, mean change, the cumulative curve, the waterfall, limits of agreement."""

from collections.abc import Mapping, Sequence
from typing import Final

from apps.cohorts.report_figure import HIDDEN, Figure, Row, count_cell, percent, share_cells, shareable, span
from apps.cohorts.report_plot import SERIES, Axis, Mark, Plot, even, ranges
from sctrial.agreement import FEWEST, compute_agreement
from sctrial.cohort import (
    Outcome,
    Population,
    compute_group_reduction,
    compute_responder_curve,
    compute_waterfall,
)
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.intervals import Count, compute_proportion
from sctrial.responding import compute_mean_change, compute_responders

Groups = Mapping[str, Sequence[Outcome]]
PERCENT: Final = Axis(0, 100, even(0, 100, 20, unit=" %"))
#: What a drawing cuts: a value is never cut, its bar may be.
LOWEST_DRAWN: Final = -100.0
NOBODY: Final = "No trial of this cohort has a percent yet: it needs days of baseline and of the trial."


def missing_of(population: Population) -> dict[str, int]:
    return {
        "without both sides of the diary": population.missing,
        "with a baseline of 0": population.zero_baselines,
        "technical failures": population.technical_failures,
    }


def _population(groups: Groups) -> Population:
    return compute_waterfall([one for group in groups.values() for one in group]).population


def responders(groups: Groups, *, shared: bool, lost_are_failures: bool = False) -> Figure:
    rows: list[Row] = []
    drawn: list[tuple[str, float, float, float]] = []
    for name, outcomes in groups.items():
        found = compute_responders(outcomes, missing_as_nonresponders=lost_are_failures)
        for at in found.rates:
            rows.append((name, f"{at.cut_off} %", *share_cells(at.rate, shared=shared)))
            told = shareable(at.rate, shared=shared)
            if told and told.interval:
                words = f"{name}, at least {at.cut_off} %: {told.count.met} of {told.count.of}"
                low, high = 100 * told.interval.low, 100 * told.interval.high
                drawn.append((words, 100 * told.count.met / told.count.of, low, high))
    population = _population(groups)
    lost = "drop-outs counted as failures" if lost_are_failures else "patients without a percent left out"
    return Figure(
        key="responders",
        title="Responder rates at four cut-offs",
        reading="Each dot is the share of patients with at least that much relief; the line is "
        "its 95 % interval.",
        n=population.n + (population.missing if lost_are_failures else 0),
        missing=missing_of(population),
        of=f"Percent of patients, {lost}. Intervals: Wilson, 95 %.",
        columns=("Group", "At least", "Patients", "Of", "Percent", "95 % interval"),
        rows=tuple(rows),
        plot=ranges(drawn, axis=PERCENT) if drawn else None,
        empty=NOBODY,
    )


def mean_change(groups: Groups, *, shared: bool) -> Figure:
    rows: list[Row] = []
    drawn: list[tuple[str, float, float, float]] = []
    n = 0
    for name, outcomes in groups.items():
        found, both = compute_mean_change(outcomes), compute_group_reduction(outcomes)
        n += found.n
        change = None if found.mean is None else round(found.mean, 2)
        interval = "–" if found.interval is None else f"{found.interval.low:.2f} to {found.interval.high:.2f}"
        percents = [both.mean_of_percents, both.percent_of_means]
        size = count_cell(found.n, shared=shared)
        if shared and found.n < SMALLEST_SHOWN:
            rows.append((name, size, None, None, None, HIDDEN, None, None))
            continue
        rows.append((name, size, *_means(outcomes), words_of_change(change), interval,
                     *(None if one is None else round(float(one), 1) for one in percents)))  # fmt: skip
        if found.mean is not None and found.interval:
            drawn.append((f"{name}, n = {size}", found.mean, found.interval.low, found.interval.high))
    low = min([one[2] for one in drawn] + [-1.0])
    high = max([one[3] for one in drawn] + [0.0])
    axis = Axis(float(int(low) - 1), float(int(high) + 1), even(int(low) - 1, int(high) + 1, 1), "points")
    return Figure(
        key="mean_change",
        title="Mean change of pain",
        reading="Each dot is the mean of trial minus baseline in points of the scale; left of 0 is relief.",
        n=n,
        missing=missing_of(_population(groups)),
        of="Two percents, not the same: the mean of the patients' percents, and the percent "
        "of the group's means, "
        "which weights patients by their baseline. Interval of the mean change: Student's t, 95 %.",
        columns=(
            "Group",
            "n",
            "Mean before",
            "Mean after",
            "Mean change",
            "95 % interval",
            "Mean of percents",
            "Percent of means",
        ),
        rows=tuple(rows),
        plot=ranges(drawn, axis=axis, rule=0) if drawn else None,
        empty=NOBODY,
    )


def words_of_change(change: float | None) -> str | None:
    return None if change is None else f"{change:.2f}"


def _means(outcomes: Sequence[Outcome]) -> tuple[str | None, ...]:
    """Of all who have that side, as publications print them."""
    sides = [[one.baseline_mean for one in outcomes], [one.trial_mean for one in outcomes]]
    known = [[float(value) for value in side if value is not None] for side in sides]
    return tuple(f"{sum(side) / len(side):.2f}" if side else None for side in known)


def curve(groups: Groups, *, shared: bool, lost_are_failures: bool = False) -> Figure:
    rows: list[Row] = []
    marks: list[Mark] = [Mark("line", ((50, 0), (50, 100)), "limit")]
    n = 0
    for look, (name, outcomes) in zip(SERIES, groups.items(), strict=False):
        found = compute_responder_curve(outcomes, missing_as_nonresponders=lost_are_failures)
        n += found.of
        points = [(p.cut_off, compute_proportion(Count(p.count, found.of))) for p in found.points]
        told = [(at, shareable(one, shared=shared)) for at, one in points]
        known = [(at, one.count) for at, one in told if one is not None]
        steps = [(at, 100 * float(count.share)) for at, count in known if count.share is not None]
        if len(steps) > 1:
            marks.append(Mark("line", tuple(steps), look, name))
        rows += [
            (name, f"{at} %", count.met, count.of, percent(count.share))
            for at, count in known
            if at % 10 == 0
        ]
    return Figure(
        key="curve",
        title="Cumulative responder curve",
        reading="At each relief on the line below, the height is the share of patients who had "
        "at least that much.",
        n=n,
        missing=missing_of(_population(groups)),
        of="Percent of patients, "
        + ("drop-outs counted as failures." if lost_are_failures else "patients without a percent left out."),
        columns=("Group", "At least", "Patients", "Of", "Percent"),
        rows=tuple(rows),
        plot=Plot(
            Axis(0, 100, even(0, 100, 10, unit=" %"), "reduction of pain, at least"),
            Axis(0, 100, even(0, 100, 20, unit=" %"), "share of patients"),
            tuple(marks),
            key=tuple(zip(SERIES, groups, strict=False)),
        )
        if n
        else None,
        empty=NOBODY,
        notes=("The broken line marks 50 %.",),
    )


def waterfall(groups: Groups) -> Figure:
    rows: list[Row] = []
    marks: list[Mark] = []
    for look, (name, outcomes) in zip(SERIES, groups.items(), strict=False):
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
        title="Waterfall of every patient",
        reading="Each bar is one patient, best first within a group; bars below 0 are patients "
        "who got worse.",
        n=len(rows),
        missing=missing_of(_population(groups)),
        of="Percent reduction of each patient's own baseline mean. Bars end at -100 %; the "
        "table has every value.",
        columns=("Group", "Place", "Percent reduction"),
        rows=tuple(rows),
        plot=Plot(
            Axis(0, max(1, len(rows))),
            Axis(LOWEST_DRAWN, 100, even(-100, 100, 50, unit=" %"), "reduction of pain"),
            tuple(marks),
            key=tuple(zip(SERIES, groups, strict=False)),
        )
        if rows
        else None,
        empty=NOBODY,
        is_of_persons=True,
    )


def agreement(pairs: Sequence[tuple[float, float]], *, of: int, shared: bool) -> Figure:
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
        missing={"without a stated relief or without a percent": of - len(pairs)},
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
