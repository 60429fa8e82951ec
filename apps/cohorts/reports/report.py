"""A report: its figures in order, for a question about the clinics' trials or for an imported table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.cohorts.imports import outcomes_of
from apps.cohorts.models import OutcomeTable
from apps.cohorts.question import CohortQuestion
from apps.cohorts.reports.arms import arms_before
from apps.cohorts.reports.crowd import Crowd, crowd_of
from apps.cohorts.reports.days import courses
from apps.cohorts.reports.effect import agreement, curve, mean_change, waterfall
from apps.cohorts.reports.explants import at_risk, explants
from apps.cohorts.reports.figure import Figure, kept_in
from apps.cohorts.reports.flow import flow
from apps.cohorts.reports.funnel import funnel
from apps.cohorts.reports.gaps import Gaps, missing_days, missing_days_responders
from apps.cohorts.reports.later import adverse_events, calibration
from apps.cohorts.reports.material import Material
from apps.cohorts.reports.model import DayModel, mixed_model, residuals
from apps.cohorts.reports.people import (
    answers_by_day,
    conversion,
    repeats,
    table_one,
)
from apps.cohorts.reports.responders import responders, responders_of_table
from apps.cohorts.reports.source import Source, source_of, source_of_table
from apps.cohorts.selectors import clinics_of
from apps.outcomes.collecting import nothing_to_collect
from apps.workspace.permissions import Access
from sctrial.disclosure import SMALLEST_SHOWN

VERDICTS: Final = "What our verdicts were worth"
NOTICE: Final = "For reading, not for deciding about a patient. Not a medical device, not CE marked."
SHARED: Final = (
    f"Fit to be shared: counts under {SMALLEST_SHOWN} and figures with one line a patient are left out, all "
    "other counts rounded to fives, percents made of the rounded counts."
)
IMPORTED: Final = (
    "Made of an imported table, with exact counts and lines of single people; drop-outs count as failures. A "
    "published table may be shown as its licence says; a table of a clinic's own people stays in the clinic."
)
INSIDE: Final = (
    "For use inside the clinic: it holds small counts and lines of single patients. Do not share it."
)


class TooFewToShare(ValueError):
    """A cohort so small that any figure of it is about somebody."""


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    source: Source
    made_at: datetime
    audience: str
    figures: tuple[Figure, ...]
    #: Of a table from outside, and so of nobody in this installation.
    is_imported: bool = False

    @property
    def question(self) -> str:
        return self.source.question

    @property
    def is_shared(self) -> bool:
        return self.audience == SHARED

    @property
    def for_whom(self) -> str:
        """As it stands in the name of a file."""
        return "shared" if self.is_shared else "clinic"

    def figure(self, key: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.key == key), None)

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            **self.source.as_json(),
            "made_at": self.made_at.isoformat(),
            "shared": self.is_shared,
            "notice": NOTICE,
            "figures": [figure.as_json() for figure in self.figures],
        }


@nothing_to_collect()
def report_of(question: CohortQuestion, *, access: Access, at: datetime, shared: bool) -> Report:
    """Raises BadQuestion, and TooFewToShare for fewer than five patients."""
    material = Material.read(question, access=access, at=at)
    if shared and len(material.subjects) < SMALLEST_SHOWN:
        raise TooFewToShare(
            f"Fewer than {SMALLEST_SHOWN} patients answer this question, so nothing about "
            f"them may be shared. "
            "Ask for fewer filters."
        )
    figures = kept_in(_figures(material, shared=shared), shared=shared)
    clinics = clinics_of(question, access=access)
    source = source_of(question, material, clinics=clinics, shared=shared, route="cohorts:report")
    return Report("Cohort report", source, at, SHARED if shared else INSIDE, tuple(figures))


def calibration_of(question: CohortQuestion, *, access: Access, at: datetime) -> Report:
    """The one figure about what verdicts and forecasts were worth. Raises BadQuestion."""
    material = Material.read(question, access=access, at=at)
    figures = tuple(kept_in([calibration(material, shared=False)], shared=False))
    clinics = clinics_of(question, access=access)
    source = source_of(question, material, clinics=clinics, shared=False, route="cohorts:verdicts")
    return Report(VERDICTS, source, at, INSIDE, figures)


def _figures(material: Material, *, shared: bool) -> list[Figure]:
    crowd, gaps, model = crowd_of(material), Gaps.read(material), DayModel(material)
    return [
        flow(material, shared=shared),
        table_one(material, shared=shared),
        responders(crowd, shared=shared),
        mean_change(crowd, shared=shared),
        curve(crowd, shared=shared),
        waterfall(crowd),
        courses(material),
        answers_by_day(material),
        funnel(material, shared=shared),
        conversion(material, shared=shared),
        repeats(material, shared=shared),
        explants(material, shared=shared),
        at_risk(material, shared=shared),
        adverse_events(material, shared=shared),
        agreement(crowd, pairs=_stated(material, crowd), shared=shared),
        calibration(material, shared=shared),
        mixed_model(model, shared=shared),
        residuals(model),
        missing_days(gaps, shared=shared),
        missing_days_responders(gaps, shared=shared),
    ]


def _stated(material: Material, crowd: Crowd) -> list[tuple[float, float]]:
    """Stated and computed percent of who is counted and has both."""
    counted = {one.trial for one in crowd.everybody}
    found = ((row["stated_relief"], row["percent_reduction"]) for row in material.trials
             if row["trial_id"] in counted)  # fmt: skip
    return [(stated, computed) for stated, computed in found if stated is not None and computed is not None]


def report_of_table(table: OutcomeTable, *, at: datetime, shared: bool) -> Report:
    """What a published table allows: drop-outs count as failures. Raises TooFewToShare."""
    arms: Mapping[str, Any] = outcomes_of(table)
    told = {arm: people for arm, people in arms.items() if not shared or len(people) >= SMALLEST_SHOWN}
    if shared and not told:
        raise TooFewToShare(
            f"No arm of this table has {SMALLEST_SHOWN} people, so nothing about them may be shared."
        )
    crowd = Crowd(
        told,
        units="people",
        points=f"points of {table.outcome}",
        axis=f"points of {table.outcome}",
        sides="scores, before and after",
        lost_are_failures=True,
    )
    figures = (
        arms_before(told, others=len(arms) - len(told), shared=shared),
        responders_of_table(crowd, shared=shared),
        mean_change(crowd, shared=shared),
        curve(crowd, shared=shared),
        waterfall(crowd),
    )
    kept = tuple(kept_in(figures, shared=shared))
    source = source_of_table(table, shared=shared)
    return Report(
        f"Imported cohort: {table.name}", source, at, SHARED if shared else IMPORTED, kept, is_imported=True
    )
