"""The mixed model of daily pain, and what it leaves over."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from apps.cohorts.reports.crowd import axis_of, points_of, without_days
from apps.cohorts.reports.figure import Cell, Figure, Row, count_cell, span
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.plot import Axis, Mark, Plot, even, ranges
from sctrial.columns import DAY, PATIENT, PHASE, TRIAL, VALUE
from sctrial.disclosure import SMALLEST_SHOWN
from sctrial.intervals import Interval
from sctrial.phases import DiaryPhase
from sctrial.pooling import CannotPool, MixedModel, fit_mixed_model
from sctrial.residuals import FAR, Residuals, Spread, compare_quantiles, compute_residuals, describe_spread

NO_CHANGE: Final = "A change needs days of baseline and of the trial."
INSIDE: Final = "The fit is inside what the model allows."
#: Look and words of each series of the residuals.
SERIES: Final = (("main", "days"), ("second", "patients"))
ALIKE: Final = (
    "A trend, or neighbouring days that are alike, makes the interval of the mixed model too narrow; "
    "independent days correlate by 0 or a little less."
)


@dataclass(frozen=True)
class DayModel:
    """The days of a cohort and the model fitted to them, once for both figures."""

    material: Material

    @cached_property
    def frame(self) -> pd.DataFrame:
        days = self.material.days_on_scale
        trial = days["trial_id"].cat.codes.to_numpy(np.int64)
        return pd.DataFrame({
            TRIAL: trial, DAY: days["diary_day"], PHASE: days["phase"], VALUE: days["value"],
            PATIENT: _patients(self.material)[trial],
        })  # fmt: skip

    @cached_property
    def fitted(self) -> MixedModel | str:
        """Words where there is none."""
        try:
            return fit_mixed_model(self.frame)
        except CannotPool as error:
            return f"No model: {error}."

    @property
    def trials(self) -> int:
        return int(self.frame[TRIAL].nunique())

    @property
    def patients(self) -> int:
        return int(self.frame[PATIENT].nunique())

    @property
    def has_few(self) -> bool:
        """Whether a phase is of so few that a change from baseline to trial tells of them."""
        sizes = self.frame.groupby(PHASE, observed=False)[PATIENT].nunique()
        return bool(sizes.min() < SMALLEST_SHOWN)

    @property
    def missing(self) -> dict[str, int]:
        return without_days(self.material, n=self.trials)


def _patients(material: Material) -> npt.NDArray[np.int64]:
    """The number of the patient of each trial, in the order of the categories of ``trial_id``."""
    patient = {row["trial_id"]: row["study_id"] for row in material.trials}
    numbers: dict[str, int] = {}
    names = material.days["trial_id"].cat.categories
    return np.array([numbers.setdefault(patient[name], len(numbers)) for name in names], np.int64)


def mixed_model(model: DayModel, *, shared: bool) -> Figure:
    points, fitted = points_of(model.material.scale), model.fitted
    if shared and model.has_few:
        fitted = f"No model: fewer than {SMALLEST_SHOWN} patients have days of baseline or of the trial."
    told = None if isinstance(fitted, str) else fitted
    return Figure(
        key="mixed_model",
        title="Mixed model of daily pain",
        reading="The dot is the change from baseline to trial over all days at once; left of 0 is relief.",
        n=model.trials,
        missing=model.missing,
        of=f"In {points}. Missing days are absent, taken as missing at random. "
        "Random intercept a patient, restricted likelihood; days are taken as "
        "independent given the patient, so the interval is narrower than it should be.",
        columns=("Estimate", "Value"),
        rows=_estimates(model, told, shared=shared) if told else (),
        plot=_change_drawn(told, axis_of(model.material.scale)) if told else None,
        empty=NO_CHANGE,
        notes=(fitted,) if isinstance(fitted, str) else fitted.warnings or (INSIDE,),
    )  # fmt: skip


def _estimates(model: DayModel, fitted: MixedModel, *, shared: bool) -> tuple[Row, ...]:
    return (
        ("Change from baseline to trial, points", _two(fitted.change)),
        ("Standard error", _two(fitted.standard_error)),
        ("95 % interval", _ends(fitted.interval)),
        ("Standard deviation between patients", _two(fitted.between_sd)),
        ("Standard deviation of days within patients", _two(fitted.within_sd)),
        ("Share of the variance that lies between patients (ICC)", _icc(fitted)),
        ("Patients", count_cell(model.patients, shared=shared)),
        ("Trials", count_cell(fitted.trials, shared=shared)),
        ("Days", count_cell(fitted.days, shared=shared)),
        ("Converged", "yes" if fitted.converged else "no"),
    )


def _change_drawn(fitted: MixedModel, title: str) -> Plot | None:
    if fitted.change is None or fitted.interval is None:
        return None
    low, high = int(min(fitted.interval.low, 0)) - 1, int(max(fitted.interval.high, 0)) + 1
    axis = Axis(low, high, even(low, high, max(1, round((high - low) / 12))), title)
    row = ("Change, all days", fitted.change, fitted.interval.low, fitted.interval.high)
    return ranges([row], axis=axis, rule=0)


def _icc(fitted: MixedModel) -> str | None:
    if fitted.between_sd is None or fitted.within_sd is None:
        return None
    between = fitted.between_sd**2
    return _two(between / (between + fitted.within_sd**2))


def _two(value: float | None) -> str | None:
    return None if value is None else f"{value:z.2f}"


def _ends(interval: Interval | None, *, places: int = 2) -> str | None:
    return span(interval, times=1, places=places) if interval else None


def residuals(model: DayModel) -> Figure:
    """One line a patient and more, so it stays in the clinic."""
    fitted = model.fitted
    left = None if isinstance(fitted, str) else compute_residuals(model.frame, model=fitted)
    spreads = (describe_spread(left.days), describe_spread(left.patients)) if left else None
    return Figure(
        key="mixed_model_residuals",
        title="What the mixed model leaves over",
        reading="Where the model holds, days and patients lie along the broken line; an end that leaves it "
        "is of days or patients further out than the model says.",
        n=model.trials,
        missing=model.missing,
        of="Each day less its fitted value and each patient's level less the mean, in standard deviations; "
        f"trends are in {points_of(model.material.scale)} a day.",
        columns=("Figure", "Value"),
        rows=_leftovers(left, *spreads) if left and spreads else (),
        plot=_quantiles_drawn(left) if left else None,
        empty=NO_CHANGE,
        notes=(_in_words(*spreads), ALIKE) if spreads else (),
        is_of_persons=True,
    )


def _leftovers(left: Residuals, days: Spread, patients: Spread) -> tuple[Row, ...]:
    rows: list[tuple[str, Cell]] = []
    for words, spread in (("Days", days), ("Patients", patients)):
        rows += [
            (words, spread.n),
            (f"{words} beyond {FAR} standard deviations", spread.beyond),
            (f"{words} beyond, were they normal", round(spread.expected, 1)),
            (f"Skewness of {words.lower()}", _two(spread.skewness)),
        ]
    for phase, words in ((DiaryPhase.BASELINE, "baseline"), (DiaryPhase.TRIAL, "the trial")):
        trend = left.trends[phase]
        rows += [
            (f"Trend left over in {words}, points a day", f"{trend.slope:z.3f}" if trend else None),
            (f"95 % interval in {words}", _ends(trend.interval, places=3) if trend else None),
        ]
    return (*rows, ("Correlation of neighbouring days", _two(left.neighbours)))


def _in_words(days: Spread, patients: Spread) -> str:
    far = (
        f"{days.beyond} of {days.n} days lie beyond {FAR} standard deviations ({days.expected:.1f} if normal)"
    )
    lean = (
        ""
        if days.skewness is None
        else f"; skewness of days {days.skewness:z.2f}, 0 being even on both sides"
    )
    return f"{far}, and {patients.beyond} of {patients.n} patients ({patients.expected:.1f} if normal){lean}."


def _quantiles_drawn(left: Residuals) -> Plot:
    places = {look: compare_quantiles(values)
              for (look, _), values in zip(SERIES, (left.days, left.patients), strict=True)}  # fmt: skip
    reach = max([FAR, *(abs(part) for series in places.values() for place in series for part in place)])
    end = float(int(reach) + 1)
    axis = Axis(-end, end, even(-end, end, max(1, end // 3)))
    words = dict(SERIES)
    marks = [Mark("line", ((-end, -end), (end, end)), "limit", "as in a normal distribution")]
    for look, series in places.items():
        marks += [Mark("point", (place,), look, f"{words[look]}: {place[1]:.2f}") for place in series]
    return Plot(
        Axis(axis.low, axis.high, axis.ticks, "normal quantile"),
        Axis(axis.low, axis.high, axis.ticks, "standard deviations"),
        tuple(marks),
        key=tuple(one for one in SERIES if places[one[0]]),
    )
