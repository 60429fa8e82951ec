"""Figures of missing days: what the cohort's relief would be had they been this or that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np

from apps.cohorts.reports.crowd import axis_of, other_scales, points_of
from apps.cohorts.reports.figure import (
    HIDDEN,
    Cell,
    Figure,
    Span,
    count_cell,
    is_small,
    percent,
    share_cells,
    span,
)
from apps.cohorts.reports.figure import Row as Cells
from apps.cohorts.reports.material import Material, Row
from apps.cohorts.reports.plot import Axis, even, ranges
from sctrial.columns import PHASES, Ints
from sctrial.day_draws import IMPUTATIONS, CannotImpute, Imputed, impute_days
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.filling import Filled, Gapped, fill_cohort
from sctrial.intervals import Count, Interval, compute_proportion
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import EndReason
from sctrial.pooling import PooledShare, widen_wilson
from sctrial.responding import CUT_OFFS, MeanOf, compute_mean
from sctrial.sharing import round_count
from sctrial.sides import CODES

#: Of the imputations: the same cohort gives the same figures.
SEED: Final = 20051
IMPUTED: Final = "multiple imputation"
EMPTY: Final = "No trial of this cohort has ended."
THRESHOLDS: Final = {cut_off: Fraction(cut_off, 100) for cut_off in CUT_OFFS}
#: The cut-off that is drawn.
DRAWN_AT: Final = 50
WHOLE: Final = (
    "The whole trial against all days of baseline: a rule's own window may be narrower, and then the row "
    "'as observed' differs from the figures of relief above."
)
WORDS: Final[Mapping[Policy, str]] = {
    Policy.OBSERVED: "as observed",
    Policy.LOCF: "last value before (LOCF)",
    Policy.BOCF: "baseline mean (BOCF)",
    Policy.WOCF_TRIAL: "worst of the trial (WOCF)",
    Policy.WOCF_WITH_BASELINE: "worst of trial and baseline (WOCF)",
    Policy.COMPOSITE_NON_RESPONDER: "composite, lost is not met",
}
BY_DRAWS: Final = (
    "missing days of baseline and trial are drawn about a level of the trial in each phase, neither rounded "
    "nor cut to the scale; pooled by Rubin's rules, degrees of freedom of Barnard and Rubin. The other rows "
    "fill days of the trial only."
)
WITHOUT_A_DAY: Final = (
    "A trial without a day in one phase takes its level there from the other phase; without any day it is "
    "left out"
)
COMPOSITE: Final = (
    "Composite: a trial that ended for lack of effect or harm is not met, whatever its days say."
)
AFTER_DRAWS: Final = (
    "After multiple imputation the number of trials is the mean over the imputations, and Wilson's interval "
    "is that of Lott and Reiter 2020, wider by what the missing days leave open."
)
#: Words, value, low and high end of its interval.
Drawn = tuple[str, float, float, float]


@dataclass(frozen=True)
class Gaps:
    """The ended trials of a cohort with their days, under every policy and by imputation."""

    material: Material
    days: Gapped

    @classmethod
    def read(cls, material: Material) -> "Gaps":
        trials = [row for row in material.on_scale if row["lead_placed_on"] and row["ended_on"]]
        return cls(material, _gapped(material, trials))

    @cached_property
    def filled(self) -> Mapping[Policy, Filled]:
        return {policy: fill_cohort(self.days, policy=policy) for policy in Policy}

    @cached_property
    def imputed(self) -> Imputed | str:
        """Words where there is none."""
        generator = np.random.default_rng(SEED)
        try:
            return impute_days(self.days, generator=generator, thresholds=tuple(THRESHOLDS.values()))
        except CannotImpute as error:
            return f"No imputation: {error}."

    @property
    def missing(self) -> dict[str, int]:
        without = len(self.material.on_scale) - self.days.trials
        return {**other_scales(self.material), "without leads or without an end": without}


def _gapped(material: Material, trials: Sequence[Row]) -> Gapped:
    rows = material.days_on_scale
    place = {row["trial_id"]: number for number, row in enumerate(trials)}
    names = rows["trial_id"].cat.categories
    of_name = np.array([place.get(name, -1) for name in names], np.int64)
    trial = of_name[rows["trial_id"].cat.codes.to_numpy()]
    cell, day = trial * len(PHASES) + rows["phase"].cat.codes.to_numpy(), rows["diary_on"].to_numpy()
    order = np.lexsort((day, cell))
    order = order[trial[order] >= 0]
    opens, closes = _ends_of(trials)
    return Gapped(
        cell[order],
        day[order],
        rows["numerator"].to_numpy()[order],
        rows["denominator"].to_numpy()[order],
        opens,
        closes,
        end_reasons=[EndReason(row["end_reason"]) if row["end_reason"] else None for row in trials],
    )


def _ends_of(trials: Sequence[Row]) -> tuple[Ints, Ints]:
    """First and last day that each phase of each trial should have: the leads' end is no day of the trial."""
    opens, closes = [], []
    for row in trials:
        placed, ended = row["lead_placed_on"], row["ended_on"]
        opens += [(row["diary_from"] or placed).toordinal(), placed.toordinal()]
        closes += [placed.toordinal() - 1, max(ended - timedelta(1), placed).toordinal()]
    return np.array(opens, np.int64), np.array(closes, np.int64)


def missing_days(gaps: Gaps, *, shared: bool) -> Figure:
    told = _told(gaps) if shared else set(Policy)
    lines = [_of_policy(gaps, policy, shared=shared, told=policy in told) for policy in Policy]
    if isinstance(gaps.imputed, Imputed):
        lines.append(_of_imputed(gaps.imputed, shared=shared))
    drawn = [place for _, place in lines if place]
    low = int(min([one[2] for one in drawn] + [-1.0])) - 1
    high = int(max([one[3] for one in drawn] + [0.0])) + 1
    points, step = points_of(gaps.material.scale), max(1, round((high - low) / 12))
    return Figure(
        key="missing_days",
        title="If the missing days were this or that",
        reading="Each dot is the mean change had missing days been filled so; if the dots agree, "
        "missing days matter little.",
        n=gaps.days.trials,
        missing=gaps.missing,
        of=f"In {points}, trial minus baseline; left of 0 is relief. {WHOLE}",
        columns=(
            "Missing days",
            "n",
            "Mean change",
            "95 % interval",
            "Trials filled",
            "Days filled",
        ),
        rows=tuple(row for row, _ in lines) if gaps.days.trials else (),
        plot=ranges(drawn, axis=Axis(low, high, even(low, high, step), axis_of(gaps.material.scale)), rule=0)
        if drawn
        else None,
        empty=EMPTY,
        notes=_notes(gaps, shared=shared),
    )


def _told(gaps: Gaps) -> set[Policy]:
    """Each differs from every other that is told in five trials or more, for a difference tells of them."""
    told: list[Policy] = []
    for policy in Policy:
        one = gaps.filled[policy]
        others = [gaps.filled[other] for other in told]
        if all(_apart(one, other, technical=gaps.days.technical) >= SMALLEST_SHOWN for other in others):
            told.append(policy)
    return set(told)


def _apart(one: Filled, other: Filled, *, technical: Any) -> int:
    same = (one.changes == other.changes) | (np.isnan(one.changes) & np.isnan(other.changes))
    return int((~technical & ~(same & (one.answers() == other.answers()))).sum())


def _of_policy(gaps: Gaps, policy: Policy, *, shared: bool, told: bool) -> tuple[Cells, Drawn | None]:
    filled, words = gaps.filled[policy], WORDS[policy]
    counted = ~gaps.days.technical & ~np.isnan(filled.changes)
    found = compute_mean(filled.changes[counted].tolist())
    if not told or (shared and found.n < SMALLEST_SHOWN):
        return (words, *[HIDDEN] * 5), None
    more = (filled.after.days - gaps.filled[Policy.OBSERVED].after.days)[counted]
    sizes = [count_cell(int(each), shared=shared) for each in (found.n, (more > 0).sum(), more.sum())]
    row = (words, sizes[0], *_mean_cells(found.mean, found.interval), *sizes[1:])
    return row, _place(words, found)


def _place(words: str, found: MeanOf) -> Drawn | None:
    if found.mean is None or found.interval is None:
        return None
    return words, found.mean, found.interval.low, found.interval.high


def _mean_cells(mean: float | None, interval: Interval | None) -> tuple[Cell, Cell]:
    ends = None if interval is None else span(interval, times=1, places=2)
    return None if mean is None else f"{mean:z.2f}", ends


def _of_imputed(imputed: Imputed, *, shared: bool) -> tuple[Cells, Drawn | None]:
    # As of a policy: it differs from the observed days in the trials that miss one.
    if shared and imputed.gapped < SMALLEST_SHOWN:
        return (IMPUTED, *[HIDDEN] * 5), None
    sizes = [count_cell(n, shared=shared) for n in (imputed.trials, imputed.gapped, imputed.days)]
    found = imputed.change
    if found is None:
        return (IMPUTED, sizes[0], None, None, *sizes[1:]), None
    row = (IMPUTED, sizes[0], *_mean_cells(found.estimate, found.interval), *sizes[1:])
    return row, (IMPUTED, found.estimate, found.interval.low, found.interval.high)


def _notes(gaps: Gaps, *, shared: bool) -> tuple[str, ...]:
    if isinstance(gaps.imputed, str):
        return (gaps.imputed,)
    hidden = shared and gaps.imputed.gapped < SMALLEST_SHOWN
    unknown = count_cell(gaps.imputed.unknown, shared=shared)
    return (
        f"{IMPUTATIONS} imputations, seed {SEED}: {BY_DRAWS}",
        f"{WITHOUT_A_DAY} ({unknown}), as technical failures are.",
        *([] if hidden else _lost_information(gaps.imputed)),
    )


def _lost_information(imputed: Imputed) -> list[str]:
    share = imputed.shares[THRESHOLDS[DRAWN_AT]]
    parts = {"of the mean change": imputed.change, f"of the share with {DRAWN_AT} %": share}
    told = [f"{100 * one.missing_information:.0f} % {words}" for words, one in parts.items() if one]
    return [f"Share of missing information: {', '.join(told)}."] if told else []


def missing_days_responders(gaps: Gaps, *, shared: bool) -> Figure:
    rows: list[Cells] = []
    drawn: list[Drawn] = []
    for words, cut_off, cells in _shares(gaps, shared=shared):
        rows.append((words, f"{cut_off} %", *cells))
        ends, share = cells[-1], cells[-2]
        if cut_off == DRAWN_AT and isinstance(share, float) and isinstance(ends, Span):
            drawn.append((words, share, ends.low, ends.high))
    return Figure(
        key="missing_days_responders",
        title="Responders if the missing days were this or that",
        reading=f"Each dot is the percent of trials with at least {DRAWN_AT} % relief had missing days been "
        "filled so; if the dots agree, missing days matter little.",
        n=gaps.days.trials,
        missing=gaps.missing,
        of=f"Percent of trials with a percent reduction, technical failures left out. {WHOLE}",
        columns=("Missing days", "At least", "Trials", "Of", "Percent", "95 % interval (Wilson)"),
        rows=tuple(rows) if gaps.days.trials else (),
        plot=ranges(drawn, axis=Axis(0, 100, even(0, 100, 20, unit=" %"), "share of trials"))
        if drawn
        else None,
        empty=EMPTY,
        notes=(COMPOSITE, AFTER_DRAWS),
    )


def _shares(gaps: Gaps, *, shared: bool) -> list[tuple[str, int, Cells]]:
    found: list[tuple[str, int, Cells]] = []
    for policy in Policy:
        for cut_off, threshold in THRESHOLDS.items():
            answers = gaps.filled[policy].answers(threshold)[~gaps.days.technical]
            judged = answers[answers != CODES[Answer.NOT_EVALUABLE]]
            count = Count(int((judged == CODES[Answer.MET]).sum()), len(judged))
            found.append((WORDS[policy], cut_off, share_cells(compute_proportion(count), shared=shared)))
    if isinstance(gaps.imputed, Imputed):
        for cut_off, threshold in THRESHOLDS.items():
            found.append((IMPUTED, cut_off, _pooled_cells(gaps.imputed.shares[threshold], shared=shared)))
    return found


def _pooled_cells(found: PooledShare | None, *, shared: bool) -> Cells:
    """How many on average, of how many, percent, interval; in what is shared as of whole counts."""
    if found is None:
        return share_cells(compute_proportion(Count(0, 0)), shared=shared)
    met = found.share * found.of
    if not shared:
        return round(met, 1), found.of, percent(found.share), span(found.interval)
    whole = Count(round(met), found.of)
    if is_small(whole):
        return HIDDEN, count_cell(found.of, shared=True), HIDDEN, HIDDEN
    met, of = round_count(whole.met), round_count(whole.of)
    interval = widen_wilson(met / of, of=of, increase=found.increase, freedom=found.degrees_of_freedom)
    return met, of, percent(met / of), span(interval)
