"""Figures of the diary's days: every course, and the mixed model."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from apps.cohorts.report_crowd import other_scales, points_of
from apps.cohorts.report_figure import Figure, Row, count_cell, span
from apps.cohorts.report_material import BY_STUDY_ID, Material
from apps.cohorts.report_plot import Axis, Mark, Plot, even, ranges
from sctrial.columns import DAY, PATIENT, PHASE, TRIAL, VALUE
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.pooling import CannotPool, MixedModel, fit_mixed_model

MOST_COURSES: Final = 80
#: A trial lasts days or weeks; what is later stands in the table.
LAST_DRAWN: Final = 42


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
            Axis(0, top, even(0, top, top / 5), points_of(material.scale)),
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
        _require_many(frame, shared=shared)
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
            axis = Axis(low, 1, even(low, 1, 1), points_of(material.scale))
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


def _require_many(frame: pd.DataFrame, *, shared: bool) -> None:
    """A change from baseline to trial tells of whoever has days of the phase that fewer have."""
    sizes = frame.groupby(PHASE, observed=False)[PATIENT].nunique()
    if shared and sizes.min() < SMALLEST_SHOWN:
        raise CannotPool(f"fewer than {SMALLEST_SHOWN} patients have days of baseline or of the trial")


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
