"""One digest over all rows of the demo: equal digests are equal demos."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from apps.accounts.models import StaffMembership
from apps.diary.models import DiaryAnswer, DiaryEntry, DiaryImport, OpioidUse, QuestionnaireResponse
from apps.outcomes.models import Decision
from apps.patients.models import (
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
    Patient,
    PriorAuthorisation,
)
from apps.trials.models import (
    AdverseEvent,
    Explant,
    ExternalStimulator,
    FollowUp,
    Lead,
    PermanentImplant,
    ProgramInterval,
    Revision,
    StimulationTrial,
)
from apps.workspace.demo.cast import CLINICS
from sctrial.seal import digest

# Row numbers of the database, the version that a re-run may raise, and what is random by design.
_LEFT_OUT = frozenset(
    {
        "id",
        "clinic_id",
        "patient_id",
        "device_id",
        "diary_import_id",
        "user_id",
        "assessment_id",
        "supersedes_id",
        "implant_id",
    }
)
BEFORE = ("patient__clinic__name", "patient__pseudonym")
_TABLES: tuple[tuple[type[Model], str, tuple[str, ...]], ...] = (
    (StaffMembership, "clinic__name", ("user__username",)),
    (Patient, "clinic__name", ("clinic__name", "pseudonym")),
    (Diagnosis, "patient__clinic__name", BEFORE),
    (PainRegions, "patient__clinic__name", BEFORE),
    (ConservativeTherapy, "patient__clinic__name", (*BEFORE, "started_on", "kind", "agent")),
    (EligibilityReview, "patient__clinic__name", BEFORE),
    (PriorAuthorisation, "patient__clinic__name", BEFORE),
    (StimulationTrial, "clinic__name", ("id",)),
    (DiaryEntry, "trial__clinic__name", ("id",)),
    (DiaryAnswer, "trial__clinic__name", ("id",)),
    (DiaryImport, "trial__clinic__name", ("trial_id",)),
    (Lead, "trial__clinic__name", ("trial_id", "side")),
    (ExternalStimulator, "trial__clinic__name", ("trial_id",)),
    (ProgramInterval, "trial__clinic__name", ("trial_id", "started_on")),
    (AdverseEvent, "trial__clinic__name", ("trial_id", "onset_on")),
    (OpioidUse, "trial__clinic__name", ("trial_id", "day")),
    (QuestionnaireResponse, "trial__clinic__name", ("trial_id", "answered_on")),
    (Decision, "trial__clinic__name", ("trial_id", "decided_at")),
    (PermanentImplant, "trial__clinic__name", ("trial_id",)),
    (FollowUp, "implant__trial__clinic__name", ("implant__trial_id", "month")),
    (Revision, "implant__trial__clinic__name", ("implant__trial_id", "revised_on")),
    (Explant, "implant__trial__clinic__name", ("implant__trial_id",)),
)


def demo_digest() -> str:
    names = [clinic.name for clinic in CLINICS]
    return digest(
        {
            # The lookups come from the table above, never from a request.
            model.__name__: _rows(model._default_manager.filter(**{f"{path}__in": names}).order_by(*order))
            for model, path, order in _TABLES
        }
    )


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_plain(row.items()) for row in rows.values()]


def _plain(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _text(value) for name, value in items if name not in _LEFT_OUT or isinstance(value, UUID)}


def _text(value: Any) -> Any:
    return value if isinstance(value, date) and not isinstance(value, datetime) else _otherwise(value)


def _otherwise(value: Any) -> Any:
    return str(value) if isinstance(value, datetime | UUID | Decimal) else value
