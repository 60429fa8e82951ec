"""What of a trial its judgement rests on: as an object, or as a row where there are hundreds of thousands."""

from datetime import date
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from django.db.models import QuerySet

from apps.trials.models import StimulationTrial


class Judged(Protocol):
    """A StimulationTrial, or a JudgedRow of one."""

    @property
    def id(self) -> UUID: ...
    @property
    def clinic_id(self) -> int: ...
    @property
    def patient_id(self) -> int: ...
    @property
    def rule_set_id(self) -> str: ...
    @property
    def evidence_version(self) -> int: ...
    @property
    def baseline_window(self) -> str: ...
    @property
    def trial_window(self) -> str: ...
    @property
    def several(self) -> str: ...
    @property
    def scale(self) -> str: ...
    @property
    def diary_from(self) -> date: ...
    @property
    def lead_placed_on(self) -> date | None: ...
    @property
    def ended_on(self) -> date | None: ...


class JudgedRow(NamedTuple):
    id: UUID
    clinic_id: int
    patient_id: int
    rule_set_id: str
    evidence_version: int
    baseline_window: str
    trial_window: str
    several: str
    scale: str
    diary_from: date
    lead_placed_on: date | None
    ended_on: date | None

    @classmethod
    def read(cls, trials: "QuerySet[StimulationTrial]") -> list[Self]:
        """In the order of their ids."""
        return list(map(cls._make, trials.order_by("id").values_list(*cls._fields)))
