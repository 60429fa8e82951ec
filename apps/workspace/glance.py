"""What the trial page asks of the record in one statement: yes or no, how many, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from apps.diary.models import OpioidUse, PairingCode, QuestionnaireResponse
from apps.outcomes.deciding import WAITING
from apps.patients.models import ZoneChange
from apps.trials.models import StimulationTrial
from apps.trials.steps import asked_of


@dataclass(frozen=True, slots=True)
class Move:
    """A zone that the patient was in, since when, and who said so."""

    zone: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """Shown or printed, not used yet, and its link still good."""

    holder: str
    tries: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Response:
    """One answered questionnaire."""

    id: int
    is_void: bool
    answered_on: date
    instrument: str
    version: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Dose:
    """The opioids of one day."""

    id: int
    is_void: bool
    day: date
    mme: float
    table_version: str


@dataclass(frozen=True, slots=True)
class Glance:
    """``found`` answers the tables of those who ask: steps, signature, and the card of what was before."""

    found: Mapping[str, Any]

    @property
    def next_repeat(self) -> int:
        return int(self.found["last_repeat"]) + 1

    @property
    def implant(self) -> tuple[int, date] | None:
        """Its id and its day."""
        day: date | None = self.found["implanted_on"]
        return None if day is None else (self.found["implant_id"], day)

    @property
    def moves(self) -> list[Move]:
        """The newest first."""
        return [Move(**row | _read(row, "since")) for row in self.found["moves"]]

    @property
    def invitations(self) -> list[Invitation]:
        return [
            Invitation(**row | _read(row, "created_at", "expires_at"))
            for row in self.found["open_invitations"]
        ]

    @property
    def responses(self) -> list[Response]:
        days = ((row, date.fromisoformat(row["answered_on"])) for row in self.found["questionnaires"])
        return [Response(**row | {"answered_on": day}) for row, day in days]

    @property
    def doses(self) -> list[Dose]:
        return [Dose(**row | {"day": date.fromisoformat(row["day"])}) for row in self.found["doses"]]


def _read(row: Mapping[str, str], *instants: str) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(row[name]) for name in instants}


def _rows(rows: QuerySet[Any], kind: type[Any]) -> ArraySubquery:
    """The columns that ``kind`` names, of every row: instead of a statement of their own."""
    return ArraySubquery(rows.values(json=JSONObject(**{field.name: field.name for field in fields(kind)})))


def glance_at(trial: StimulationTrial, *, at: datetime, also: Mapping[str, Any]) -> Glance:
    """``also`` is what others ask of a trial."""
    of_the_patient = StimulationTrial.objects.filter(patient=OuterRef("patient")).order_by()
    last = of_the_patient.values("patient").annotate(last=Max("repeat_number")).values("last")
    moves = ZoneChange.objects.filter(patient=OuterRef("patient"))
    invitations = PairingCode.objects.filter(
        trial=OuterRef("pk"), used_at__isnull=True, link_expires_at__gt=at
    ).order_by("created_at")
    asked = {
        "moves": _rows(moves, Move),
        "open_invitations": _rows(invitations, Invitation),
        "questionnaires": _rows(QuestionnaireResponse.objects.filter(trial=OuterRef("pk")), Response),
        "doses": _rows(OpioidUse.objects.filter(trial=OuterRef("pk")), Dose),
        "last_repeat": Subquery(last),
        "implant_id": F("implant__pk"),
        "implanted_on": F("implant__implanted_on"),
    }
    trials = StimulationTrial.objects.filter(pk=trial.pk)
    return Glance(trials.values(**asked, **asked_of(trial), **WAITING, **also).get())
