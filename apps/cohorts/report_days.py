"""Figures of the diary's days: every course, the mixed model, and what missing days could have been."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from apps.cohorts.report_crowd import other_scales, points_of
from apps.cohorts.report_figure import Figure, Row, count_cell, share_cells, span
from apps.cohorts.report_material import BY_STUDY_ID, Material
from apps.cohorts.report_plot import Axis, Mark, Plot, even, ranges
from sctrial.cohort import Outcome
from sctrial.columns import DAY, PATIENT, PHASE, TRIAL, VALUE
from sctrial.imputing import CannotImpute, Diary, fill_outcome, impute_change
from sctrial.intervals import Count, Interval, compute_proportion
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.phases import DiaryPhase, EndReason
from sctrial.pooling import CannotPool, MixedModel, fit_mixed_model
from sctrial.responding import compute_mean_change

#: Of the imputations: the same cohort gives the same figures.
SEED: Final = 20051
MOST_COURSES: Final = 80
#: A trial lasts days or weeks; what is later stands in the table.
LAST_DRAWN: Final = 42
#: A day's value in points is the one by the other.
EXACT: Final = ("numerator", "denominator")


def _without_days(material: Material, *, n: int) -> dict[str, int]:
    return {**other_scales(material), "without a day of average target pain": len(material.on_scale) - n}


def courses(material: Material) -> Figure:
    days = material.days_on_scale
    marks: list[Mark] = []
    near = days[days["diary_day"] <= LAST_DRAWN]
    drawn = near[near["trial_id"].isin(near["trial_id"].unique()[:MOST_COURSES])]
    for trial, one in drawn.groupby("trial_id", sort=True, observed=True):
        places = tuple(zip(one["diary_day"].astype(float), one["value"].astype(float), strict=True))
        marks.append(Mark("line" if len(places) > 1 else "point", places, "faint", str(trial)))
    means = days.groupby("diary_day", sort=True)["value"].agg(["mean", "count"])
    held = means[means["count"] >= min(3, max(1, days["trial_id"].nunique()))].reset_index()
    held = held[held["diary_day"] <= LAST_DRAWN]
    mean = tuple(zip(held["diary_day"].astype(float), held["mean"].astype(float), strict=True))
    marks.append(Mark("line", mean, "main", "mean"))
    low, high = (float(near["diary_day"].min()), float(near["diary_day"].max())) if len(near) else (0.0, 1.0)
    top = max(10.0, float(days["value"].max())) if len(days) else 10.0
    return Figure(
        key="courses",
        title="Every course of pain",
        reading="Each thin line is the average target pain of one trial by day; the thick one is the "
        "mean of who answered.",
        n=int(days["trial_id"].nunique()),
        missing=_without_days(material, n=int(days["trial_id"].nunique())),
        of=f"In {points_of(material.scale)}.",
        columns=("Study day", "Trials", "Mean, points"),
        rows=tuple(
            (int(str(day)), int(row["count"]), round(float(row["mean"]), 2)) for day, row in means.iterrows()
        ),
        plot=Plot(
            Axis(low, max(high, low + 1), even(low, max(high, low + 1), max(1, int((high - low) / 10))),
                 "study day; 1 is the day of the leads"),
            Axis(0, top, even(0, top, top / 5), "points"),
            tuple(mark for mark in marks if mark.places),
            key=(("faint", "one trial"), ("main", "mean of those who answered")),
        )
        if len(near)
        else None,
        empty="No day of average target pain has been answered.",
        notes=("Who answers late in a trial is not who answered first: read the mean with the counts.",
               f"Drawn up to study day {LAST_DRAWN}, and at most {MOST_COURSES} trials: {BY_STUDY_ID}"),
        is_of_persons=True,
    )  # fmt: skip


def mixed_model(material: Material, *, shared: bool) -> Figure:
    days = material.days_on_scale
    frame = pd.DataFrame({
        TRIAL: days["trial_id"].cat.codes.astype("int64"), DAY: days["diary_day"], PHASE: days["phase"],
        VALUE: days["value"], PATIENT: _patients(material)[days["trial_id"].cat.codes.to_numpy()],
    })  # fmt: skip
    rows: list[Row] = []
    notes: tuple[str, ...]
    plot = None
    try:
        fitted = fit_mixed_model(frame)
        notes = fitted.warnings or ("The fit is inside what the model allows.",)
        rows = [
            ("Change from baseline to trial, points", _two(fitted.change)),
            ("Standard error", _two(fitted.standard_error)),
            (
                "95 % interval",
                span(fitted.interval, times=1, places=2) if fitted.interval else None,
            ),
            ("Standard deviation between patients", _two(fitted.between_sd)),
            ("Standard deviation of days within patients", _two(fitted.within_sd)),
            ("Share of the variance that lies between patients (ICC)", _icc(fitted)),
            ("Patients", count_cell(int(frame[PATIENT].nunique()), shared=shared)),
            ("Trials", count_cell(fitted.trials, shared=shared)),
            ("Days", count_cell(fitted.days, shared=shared)),
            ("Converged", "yes" if fitted.converged else "no"),
        ]
        if fitted.interval and fitted.change is not None:
            low = int(min(fitted.interval.low, 0)) - 1
            axis = Axis(low, 1, even(low, 1, 1), "points")
            plot = ranges([("Change, all days", fitted.change, fitted.interval.low, fitted.interval.high)],
                          axis=axis, rule=0)  # fmt: skip
    except CannotPool as error:
        notes = (f"No model: {error}.",)
    return Figure(
        key="mixed_model",
        title="Mixed model of daily pain",
        reading="The dot is the change from baseline to trial over all days at once; left of 0 is relief.",
        n=int(days["trial_id"].nunique()),
        missing=_without_days(material, n=int(days["trial_id"].nunique())),
        of=f"In {points_of(material.scale)}. Missing days are absent, taken as missing at random. "
        "Random intercept a patient, restricted likelihood; days are taken as "
        "independent given the patient, so the interval is narrower than it should be.",
        columns=("Estimate", "Value"),
        rows=tuple(rows),
        plot=plot,
        empty="A change needs days of baseline and of the trial.",
        notes=notes,
    )


def _patients(material: Material) -> npt.NDArray[np.int64]:
    """The number of the patient of each trial, in the order of the categories of ``trial_id``."""
    patient = {row["trial_id"]: row["study_id"] for row in material.trials}
    numbers: dict[str, int] = {}
    names = material.days["trial_id"].cat.categories
    return np.array([numbers.setdefault(patient[name], len(numbers)) for name in names], np.int64)


def _icc(fitted: MixedModel) -> str | None:
    if fitted.between_sd is None or fitted.within_sd is None:
        return None
    between = fitted.between_sd**2
    return _two(between / (between + fitted.within_sd**2))


def _two(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


#: Words, mean change, low and high end of its interval.
Drawn = tuple[str, float, float, float]
IMPUTED: Final = "multiple imputation"


def missing_days(material: Material, *, shared: bool) -> Figure:
    diaries = _diaries(material)
    filled = {policy: [fill_outcome(diary, policy=policy) for diary in diaries] for policy in Policy}
    of_policies = [_of_policy(policy, outcomes, shared=shared) for policy, outcomes in filled.items()]
    imputed, notes = _imputed(filled[Policy.OBSERVED], shared=shared)
    lines = [*of_policies, *([imputed] if imputed else [])]
    drawn = [place for _, place in lines if place]
    low = int(min([one[2] for one in drawn] + [-1.0])) - 1
    high = int(max([one[3] for one in drawn] + [0.0])) + 1
    return Figure(
        key="missing_days",
        title="If the missing days were this or that",
        reading="Each dot is the mean change had missing days been filled so; if the dots agree, "
        "missing days matter little.",
        n=len(diaries),
        missing={**other_scales(material),
                 "without leads or without an end": len(material.on_scale) - len(diaries)},
        of=f"In {points_of(material.scale)}, whole trial against all days of baseline; percent of "
        "evaluable trials with at least 50 % relief.",
        columns=("Missing days", "n", "Mean change", "95 % interval", "At least 50 %", "Of", "Percent",
                 "95 % interval (Wilson)"),
        rows=tuple(row for row, _ in lines) if diaries else (),
        plot=ranges(drawn, axis=Axis(low, high, even(low, high, 1), "points"), rule=0) if drawn else None,
        empty="No trial of this cohort has ended.",
        notes=notes,
    )  # fmt: skip


def _of_policy(policy: Policy, outcomes: Sequence[Outcome], *, shared: bool) -> tuple[Row, Drawn | None]:
    found, words = compute_mean_change(outcomes), policy.value.replace("_", " ")
    counted = [one.answer for one in outcomes if not one.technical_failure]
    judged = [answer for answer in counted if answer is not Answer.NOT_EVALUABLE]
    met = compute_proportion(Count(judged.count(Answer.MET), len(judged)))
    size, interval = count_cell(found.n, shared=shared), found.interval
    row = (words, size, _two(found.mean), _span(interval), *share_cells(met, shared=shared))
    if found.mean is None or interval is None:
        return row, None
    return row, (words, found.mean, interval.low, interval.high)


def _imputed(
    observed: Sequence[Outcome], *, shared: bool
) -> tuple[tuple[Row, Drawn | None] | None, tuple[str, ...]]:
    try:
        pooled = impute_change(observed, generator=np.random.default_rng(SEED))
    except CannotImpute as error:
        return None, (f"No imputation: {error}.",)
    # As ``impute_change`` has them: with a baseline, and no technical failures.
    used = sum(one.baseline_mean is not None and not one.technical_failure for one in observed)
    row = (
        IMPUTED,
        count_cell(used, shared=shared),
        _two(pooled.estimate),
        _span(pooled.interval),
        *[None] * 4,
    )
    notes = (
        f"{pooled.imputations} imputations, seed {SEED}, pooled by Rubin's rules.",
        "They draw the trial mean of whoever has none; days missing beside others stay absent there.",
        f"Relative increase of the variance through missing values: {pooled.increase:.2f}.",
    )
    return (row, (IMPUTED, pooled.estimate, pooled.interval.low, pooled.interval.high)), notes


def _span(interval: Interval | None) -> str | None:
    return None if interval is None else span(interval, times=1, places=2)


def _diaries(material: Material) -> list[Diary]:
    values: dict[str, dict[str, dict[date, Fraction]]] = {}
    columns = (material.days_on_scale[name].tolist() for name in ("trial_id", "phase", "diary_on", *EXACT))
    for trial, phase, day, *value in zip(*columns, strict=True):
        values.setdefault(trial, {}).setdefault(phase, {})[date.fromordinal(day)] = _points(*value)
    return [
        Diary(
            row["trial_id"],
            values.get(row["trial_id"], {}).get(DiaryPhase.BASELINE, {}),
            values.get(row["trial_id"], {}).get(DiaryPhase.TRIAL, {}),
            row["lead_placed_on"],
            max(row["ended_on"] - timedelta(1), row["lead_placed_on"]),
            EndReason(row["end_reason"]) if row["end_reason"] else None,
        )
        for row in material.on_scale
        if row["lead_placed_on"] and row["ended_on"]
    ]


@cache
def _points(numerator: int, denominator: int) -> Fraction:
    # A cohort has few values and many days of each.
    return Fraction(numerator, denominator)
