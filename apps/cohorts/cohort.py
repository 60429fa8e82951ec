"""The trials of one question with the ids under which they leave the house, read once for all tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.cohorts.question import CohortQuestion
from apps.cohorts.study_key import study_key
from apps.trials.models import StimulationTrial
from sctrial.deidentify import compute_study_day, make_site_id, make_study_id

FACTS = (
    "id",
    "patient_id",
    "clinic_id",
    "modality",
    "repeat_number",
    "scale",
    "several",
    "diary_windows",
    "day_starts_at_hour",
    "consent_withdrawn_at",
    "rule_set_id",
    "phase",
    "diary_from",
    "lead_placed_on",
    "planned_end_on",
    "ended_on",
    "end_reason",
    "technical_cause",
    "clinic__name",
    "clinic__zone",
    "patient__pseudonym",
    "patient__zone",
    "patient__language",
    "patient__identity__born_on",
    "implant__implanted_on",
    "implant__explant__explanted_on",
    "implant__explant__reason",
)


@dataclass(frozen=True)
class Cohort:
    """``facts`` of each trial by the names in FACTS, in the order of their ids, as read ``at`` an instant."""

    question: CohortQuestion
    at: datetime
    facts: tuple[Mapping[str, Any], ...]
    #: The same trials once more, for ``trial__in`` within one reading (``apps.reading``): of a question
    #: the planner knows how many answer it; of a list of ids it does not, and looks each up by itself.
    among: QuerySet[StimulationTrial]

    @classmethod
    def read(cls, question: CohortQuestion, trials: QuerySet[StimulationTrial], *, at: datetime) -> "Cohort":
        return cls(question, at, tuple(trials.values(*FACTS)), trials.order_by())

    @cached_property
    def by_id(self) -> Mapping[UUID, Mapping[str, Any]]:
        return {facts["id"]: facts for facts in self.facts}

    @cached_property
    def ids(self) -> list[UUID]:
        return list(self.by_id)

    @cached_property
    def trial_names(self) -> Mapping[UUID, str]:
        """The study id of each trial."""
        return {
            facts["id"]: f"{self.study_ids[facts['patient_id']]}-{facts['repeat_number']}"
            for facts in self.facts
        }

    @cached_property
    def patients(self) -> list[int]:
        return sorted({facts["patient_id"] for facts in self.facts})

    @cached_property
    def study_ids(self) -> Mapping[int, str]:
        key = study_key()
        return {patient: make_study_id(str(patient), key=key) for patient in self.patients}

    @cached_property
    def sites(self) -> Mapping[int, str]:
        key = study_key()
        clinics = {facts["clinic_id"] for facts in self.facts}
        return {clinic: make_site_id(str(clinic), key=key) for clinic in clinics}

    def rule_set_of(self, facts: Mapping[str, Any]) -> str:
        """The rule set under which the trial is told."""
        return self.question.rule_set or str(facts["rule_set_id"])

    def names(self, trial: UUID) -> dict[str, str]:
        """Study id of the trial and of its patient."""
        patient = self.by_id[trial]["patient_id"]
        return {"study_id": self.study_ids[patient], "trial_id": self.trial_names[trial]}

    def dated(self, trial: UUID, **days: date | None) -> dict[str, date | int | None]:
        """Each day twice: ``ended`` gives ``ended_on`` and, as a study day, ``ended_day``."""
        anchor = anchor_of(self.by_id[trial])
        found: dict[str, date | int | None] = {}
        for name, day in days.items():
            found[f"{name}_on"] = day
            found[f"{name}_day"] = None if day is None else compute_study_day(day, anchor=anchor)
        return found

    def of_patients(self) -> Q:
        return Q(patient__in=self.among.values("patient"))


def anchor_of(facts: Mapping[str, Any]) -> date:
    """Study day 1: the leads' placement, or the diary's first day where none were placed."""
    found: date = facts["lead_placed_on"] or facts["diary_from"]
    return found


def grouped(rows: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    """The second of each pair by the first, in their order."""
    found: dict[Any, list[Any]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found
