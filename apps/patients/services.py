"""Where the patient's clock is, and what was known before a trial: changed with a trace, never forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from apps.audit.reasons import NO_REASON, NoReason, Why
from apps.audit.services import record
from apps.patients.erased import Erased, hold_known
from apps.patients.models import BeforeTrial, EligibilityReview, PainRegions, Patient, ZoneChange
from apps.patients.selectors import standing
from apps.patients.signals import patient_record_changed

Row = TypeVar("Row", bound=BeforeTrial)
#: Of these a patient has one that stands, and the next takes its place.
ONE_AT_A_TIME: Final = (EligibilityReview, PainRegions)
#: Where a form was drawn and nothing had been written yet.
NONE_YET: Final = 0
MEANWHILE: Final = "somebody else has changed this row meanwhile; look at it again"


class CannotKeep(ValueError):
    """A row that the record cannot take; the message is fit for the user."""


class Changed(CannotKeep):
    """Somebody else has written meanwhile: what it was drawn from no longer stands."""


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
    why: Why = NO_REASON,
) -> Row:
    """Add a row, ``instead_of`` another of the same patient with a reason.

    Of what stands one at a time the next version needs no reason; ``instead_of`` is then the version that it
    was written from, ``NONE_YET`` or, where that is not asked, None. Raises CannotKeep.
    """
    if not why.code:
        _require_known(patient)
    _lock(patient)
    old = _taken_over(model, patient, instead_of)
    if old is not None and model not in ONE_AT_A_TIME:
        _require(why)
    stamp = _stamp(act) | _reason(old, why)
    row = model(patient=patient, supersedes=old, **stamp, **values)
    _require_sound(row)
    row.save(force_insert=True)
    _record(row, "create" if old is None else "change", act=act, fields=sorted(values))
    return row


def void(row: Row, *, act: Act, why: Why) -> Row:
    """Strike a row through: it stays on record and no longer counts. Raises CannotKeep."""
    return _copy(row, act=act, why=why, is_void=True)


def restore(row: Row, *, act: Act, why: Why) -> Row:
    """What was struck out stands again, as it was. Raises CannotKeep."""
    return _copy(row, act=act, why=why, is_void=False)


@transaction.atomic
def _copy(row: Row, *, act: Act, why: Why, is_void: bool) -> Row:
    """The next version says the same, and counts or does not."""
    _lock(row.patient)
    _require(why)
    model = type(row)
    old = newest_version(model, row.patient, row.pk)
    if old is None or old.pk != row.pk or old.is_void == is_void:
        raise Changed(MEANWHILE)
    said = {name: getattr(old, name) for name in _said(model)}
    stamp = _stamp(act) | _reason(old, why)
    copy = model(patient=row.patient, supersedes=old, is_void=is_void, **stamp, **said)
    copy.save(force_insert=True)
    _record(copy, "void" if is_void else "restore", act=act, fields=[])
    return copy


def newest_version(model: type[Row], patient: Patient, pk: int | None) -> Row | None:
    """What became of a row, struck out or not. Of what stands one at a time ``pk`` may be any, or none."""
    rows: QuerySet[Row] = model._default_manager.filter(patient=patient)
    if model in ONE_AT_A_TIME:
        return rows.filter(superseded_by__isnull=True).first()
    row = rows.filter(pk=pk).first()
    while row is not None and (later := rows.filter(supersedes=row).first()) is not None:
        row = later
    return row


def _said(model: type[BeforeTrial]) -> list[str]:
    """The fields that hold what a row says, without who, when and why."""
    about = {field.name for field in BeforeTrial._meta.local_fields} | {"id"}
    return [field.name for field in model._meta.fields if field.name not in about]


def _lock(patient: Patient) -> None:
    # Two changes of one row at once must not both take its place; rows that point here need not wait.
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def _require_known(patient: Patient) -> None:
    """To correct what stands needs no name; what is new is of a person whom somebody knows."""
    try:
        hold_known(patient.pk, so="nothing is added to the record")
    except Erased as refused:
        raise CannotKeep(str(refused).rstrip(".")) from refused


def _taken_over(model: type[Row], patient: Patient, pk: int | None) -> Row | None:
    if model in ONE_AT_A_TIME:
        newest = newest_version(model, patient, pk)
        if pk is not None and pk != (NONE_YET if newest is None else newest.pk):
            raise Changed(MEANWHILE)
        return newest
    if pk is None:
        return None
    old = standing(model, patient).filter(pk=pk).first()
    if old is None:
        raise Changed(MEANWHILE)
    return old


def _require(why: Why) -> None:
    try:
        why.check()
    except NoReason as refused:
        raise CannotKeep(str(refused)) from refused


def _reason(old: BeforeTrial | None, why: Why) -> dict[str, str]:
    return {} if old is None else {"why": why.code, "reason": why.text.strip() or "next version"}


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
        detail={"patient": row.patient_id, "fields": fields} | ({"why": row.why} if row.why else {}),
    )
    patient_record_changed.send(sender=type(row), patient_id=row.patient_id)
