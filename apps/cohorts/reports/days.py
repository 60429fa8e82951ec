"""Every course of pain, day by day."""

from typing import Final

from apps.cohorts.reports.crowd import axis_of, points_of, without_days
from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.material import BY_STUDY_ID, Material
from apps.cohorts.reports.plot import Axis, Mark, Plot, even

MOST_COURSES: Final = 80
#: A trial lasts days or weeks; what is later stands in the table.
LAST_DRAWN: Final = 42


def days_between(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Ticks; there is no study day 0, so none stands there."""
    ticks = even(low, high, max(1, int((high - low) / 10)))
    return tuple(tick for tick in ticks if tick[0] != 0)


def courses(material: Material) -> Figure:
    days = material.days_on_scale
    n = int(days["trial_id"].nunique())
    marks: list[Mark] = []
    near = days[days["diary_day"] <= LAST_DRAWN]
    drawn = near[near["trial_id"].isin(near["trial_id"].unique()[:MOST_COURSES])]
    for trial, one in drawn.groupby("trial_id", sort=True, observed=True):
        places = tuple(zip(one["diary_day"].astype(float), one["value"].astype(float), strict=True))
        marks.append(Mark("line" if len(places) > 1 else "point", places, "faint", str(trial)))
    means = days.groupby("diary_day", sort=True)["value"].agg(["mean", "count"])
    held = means[means["count"] >= min(3, max(1, n))].reset_index()
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
        n=n,
        missing=without_days(material, n=n),
        of=f"In {points_of(material.scale)}.",
        columns=("Study day", "Trials", "Mean, points"),
        rows=tuple(
            (int(str(day)), int(row["count"]), round(float(row["mean"]), 2)) for day, row in means.iterrows()
        ),
        plot=Plot(
            Axis(low, max(high, low + 1), days_between(low, max(high, low + 1)),
                 "study day; 1 is the day of the leads"),
            Axis(0, top, even(0, top, top / 5), axis_of(material.scale)),
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
