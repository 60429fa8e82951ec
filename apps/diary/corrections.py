"""After the window has closed: the patient asks, a member of staff decides, and both stay visible."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.audit.services import record
from apps.diary import policies
from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.parking import raise_task
from apps.diary.schemas import CANONICAL_UUID4, CorrectionBody
from apps.problems import FieldError, Problem, invalid
from apps.trials.models import StimulationTrial
from sctrial.questions import NotAnAnswer, read_text


@transaction.atomic
def request_correction(
    request_id: str, body: CorrectionBody, *, by: PatientDevice, at: datetime, trace: str
) -> tuple[CorrectionRequest, bool]:
    """The request and whether it is new. ``trace`` is the id of the HTTP request, for the trail."""
    if not CANONICAL_UUID4.fullmatch(request_id):
        raise invalid(FieldError("/id", "not_uuid4", "Send a lower-case UUIDv4 made by the phone."))
    fields = _fields(body, by=by, at=at)
    sha256 = body.sha256()
    # Two sends of one request at once: the second waits, and finds the first.
    StimulationTrial.objects.select_for_update().get(pk=by.trial_id)
    kept = CorrectionRequest.objects.filter(pk=request_id).first()
    if kept is not None:
        return _same(kept, sha256=sha256, by=by), False
    new = CorrectionRequest.objects.create(
        id=UUID(request_id), trial_id=by.trial_id, body_sha256=sha256, **fields
    )
    _tell(new, by=by, at=at, trace=trace)
    return new, True


def _same(kept: CorrectionRequest, *, sha256: str, by: PatientDevice) -> CorrectionRequest:
    if kept.trial_id != by.trial_id:
        raise Problem(404, "not_found", "No such correction in this trial.")
    if kept.body_sha256 != sha256:
        raise Problem(409, "entry_conflict", "This id already carries another request. Use a new id.")
    return kept


def correction_of(device: PatientDevice, *, request_id: str) -> CorrectionRequest:
    found = None
    if CANONICAL_UUID4.fullmatch(request_id):
        found = CorrectionRequest.objects.filter(trial_id=device.trial_id, pk=request_id).first()
    if found is None:
        raise Problem(404, "not_found", "No such correction in this trial.")
    return found


def _tell(request: CorrectionRequest, *, by: PatientDevice, at: datetime, trace: str) -> None:
    raise_task(request.trial_id, kind="correction_requested", subject=request.pk, at=at)
    record(
        action="create",
        object_type="correction_request",
        object_id=request.pk,
        by=f"device:{by.pk}",
        at=at,
        clinic_id=by.trial.clinic_id,
        request_id=trace,
        detail={"reason": request.reason},
    )


def _text(body: CorrectionBody) -> str:
    try:
        return read_text(body.text)
    except NotAnAnswer as error:
        raise invalid(FieldError("/text", "malformed", f"{error}.")) from None


def _fields(body: CorrectionBody, *, by: PatientDevice, at: datetime) -> dict[str, Any]:
    if (body.entry is None) == (body.answer is None):
        raise invalid(FieldError("", "required", "Send either entry or answer: the one that was wrong."))
    if body.proposed_value is not None:
        if body.entry is None:
            detail = "Only a pain score has a value to propose; say it in the text."
            raise invalid(FieldError("/proposed_value", "unknown_field", detail))
        policies.check_value(body.proposed_value, trial=by.trial, field="/proposed_value")
    instant, _ = policies.read_moment(body.captured_at, zone=body.zone, now=at)
    return {
        "device": by,
        "originator": by.holder,
        "entry_id": _own(DiaryEntry, body.entry, by=by),
        "answer_id": _own(DiaryAnswer, body.answer, by=by),
        "reason": body.reason,
        "text": _text(body),
        "proposed_value": body.proposed_value,
        "captured_at": instant,
        "zone": body.zone,
        "received_at": at,
    }


def _own(model: type[DiaryEntry] | type[DiaryAnswer], pk: str | None, *, by: PatientDevice) -> UUID | None:
    if pk is None:
        return None
    # One that is not here yet may be on its way; one of another trial is nobody's business.
    if model.objects.filter(pk=pk).exclude(trial_id=by.trial_id).exists():
        raise Problem(404, "not_found", "No such answer in this trial.")
    return UUID(pk)
