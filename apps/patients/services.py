"""Where the patient's clock is, and what was known before a trial: changed with a trace, never forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.audit.services import record
from apps.patients.models import BeforeTrial, EligibilityReview, PainRegions, Patient, ZoneChange
from apps.patients.selectors import standing
from apps.patients.signals import patient_record_changed

Row = TypeVar("Row", bound=BeforeTrial)
#: Of these a patient has one that stands, and the next takes its place.
ONE_AT_A_TIME: Final = (EligibilityReview, PainRegions)


class CannotKeep(ValueError):
    """A row that the record cannot take; the message is fit for the user."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, when, and in which request."""

    by: str
    at: datetime
    request_id: str = ""


@transaction.atomic
def move_patient(patient: Patient, *, zone: str, by: str, at: datetime) -> bool:
    """Whether the patient's zone is a new one; every zone there was stays on record, with its beginning."""
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if locked.zone == zone:
        return False
    if not ZoneChange.objects.filter(patient=locked).exists():
        ZoneChange.objects.create(patient=locked, zone=locked.zone, since=locked.created_at, by="enrolment")
    ZoneChange.objects.create(patient=locked, zone=zone, since=at, by=by)
    Patient.objects.filter(pk=patient.pk).update(zone=zone)
    patient.zone = zone
    return True


@transaction.atomic
def keep(
    model: type[Row],
    patient: Patient,
    *,
    values: Mapping[str, Any],
    act: Act,
    instead_of: int | None = None,
    reason: str = "",
) -> Row:
    """Add a row, ``instead_of`` another of the same patient with a reason. Raises CannotKeep."""
    _lock(patient)
    old = _taken_over(model, patient, instead_of)
    if old is not None and model not in ONE_AT_A_TIME and not reason.strip():
        raise CannotKeep("give a reason for the change")
    row = model(patient=patient, supersedes=old, reason=_reason(model, old, reason), **_stamp(act), **values)
    _require_sound(row)
    row.save(force_insert=True)
    _record(row, "create" if old is None else "change", act=act, fields=sorted(values))
    return row


@transaction.atomic
def void(row: Row, *, act: Act, reason: str) -> Row:
    """Strike a row through: it stays on record and no longer counts. Raises CannotKeep."""
    _lock(row.patient)
    model = type(row)
    old = _taken_over(model, row.patient, row.pk)
    if not reason.strip():
        raise CannotKeep("give a reason for striking it out")
    copy = {name: getattr(old, name) for name in _said(model)}
    voided = model(
        patient=row.patient, supersedes=old, is_void=True, reason=reason.strip(), **_stamp(act), **copy
    )
    voided.save(force_insert=True)
    _record(voided, "void", act=act, fields=[])
    return voided


def _said(model: type[BeforeTrial]) -> list[str]:
    """The fields that hold what a row says, without who, when and why."""
    about = {field.name for field in BeforeTrial._meta.local_fields} | {"id"}
    return [field.name for field in model._meta.fields if field.name not in about]


def _lock(patient: Patient) -> None:
    # Two changes of one row at once must not both take its place; rows that point here need not wait.
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def _taken_over(model: type[Row], patient: Patient, pk: int | None) -> Row | None:
    rows = standing(model, patient)
    if model in ONE_AT_A_TIME:
        return rows.first()
    if pk is None:
        return None
    old = rows.filter(pk=pk).first()
    if old is None:
        raise CannotKeep("somebody else has changed this row meanwhile; look at it again")
    return old


def _reason(model: type[BeforeTrial], old: BeforeTrial | None, reason: str) -> str:
    return "" if old is None else reason.strip() or "next version"


def _stamp(act: Act) -> dict[str, Any]:
    return {"recorded_by": act.by, "recorded_at": act.at}


def _require_sound(row: BeforeTrial) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotKeep(" ".join(error.messages)) from error


def _record(row: BeforeTrial, action: str, *, act: Act, fields: list[str]) -> None:
    """In the trail stand the names of fields, never what they say."""
    record(
        action=action,
        object_type=row._meta.model_name or "",
        object_id=row.pk,
        by=act.by,
        at=act.at,
        clinic_id=row.patient.clinic_id,
        request_id=act.request_id,
        reason=row.reason,
        detail={"patient": row.patient_id, "fields": fields},
    )
    patient_record_changed.send(sender=type(row), patient_id=row.patient_id)
