"""The patient's yes to the diary, with the text that was shown; and the no that stops it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.audit.services import record
from apps.diary import policies
from apps.diary.models import ConsentEvent, PatientDevice
from apps.diary.parking import raise_task
from apps.diary.schemas import CANONICAL_UUID4, ConsentBody
from apps.problems import FieldError, Problem, invalid
from apps.trials.models import StimulationTrial

TEXT_VERSIONS = frozenset({"diary-consent/1"})


@transaction.atomic
def record_consent(
    event_id: str, body: ConsentBody, *, by: PatientDevice, at: datetime, request_id: str
) -> tuple[ConsentEvent, bool]:
    """The event and whether it is new. What was sent before a withdrawal stays in the record."""
    if not CANONICAL_UUID4.fullmatch(event_id):
        raise invalid(FieldError("/id", "not_uuid4", "Send a lower-case UUIDv4 made by the phone."))
    # Two events at once would each think themselves the newest.
    trial = StimulationTrial.objects.select_for_update().get(pk=by.trial_id)
    sha256 = body.sha256()
    kept = ConsentEvent.objects.filter(pk=event_id).first()
    if kept is not None:
        return _same(kept, sha256=sha256, by=by), False
    event = _new(UUID(event_id), body, sha256=sha256, by=by, at=at)
    _follow_newest(trial, at=at)
    record(
        action="consent",
        object_type="consent_event",
        object_id=event.pk,
        by=f"device:{by.pk}",
        at=at,
        clinic_id=trial.clinic_id,
        request_id=request_id,
        detail={"decision": body.decision, "version": body.version, "language": body.language},
    )
    return event, True


def newest_consent(trial_id: UUID) -> ConsentEvent | None:
    return ConsentEvent.objects.filter(trial_id=trial_id).order_by("-captured_at", "-received_at").first()


def consent_of(device: PatientDevice, *, event_id: str) -> ConsentEvent:
    event = None
    if CANONICAL_UUID4.fullmatch(event_id):
        event = ConsentEvent.objects.filter(trial_id=device.trial_id, pk=event_id).first()
    if event is None:
        raise Problem(404, "not_found", "No such consent in this trial.")
    return event


def _new(event_id: UUID, body: ConsentBody, *, sha256: str, by: PatientDevice, at: datetime) -> ConsentEvent:
    if body.version not in TEXT_VERSIONS:
        known = ", ".join(sorted(TEXT_VERSIONS))
        raise invalid(FieldError("/version", "unknown_version", f"Show and send one of: {known}."))
    instant, _ = policies.read_moment(body.captured_at, zone=body.zone, now=at)
    return ConsentEvent.objects.create(
        id=event_id,
        trial_id=by.trial_id,
        decision=body.decision,
        text_version=body.version,
        language=body.language,
        captured_at=instant,
        zone=body.zone,
        received_at=at,
        device=by,
        originator=by.holder,
        body_sha256=sha256,
    )


def _follow_newest(trial: StimulationTrial, *, at: datetime) -> None:
    newest = newest_consent(trial.pk)
    withdrawn = newest is not None and newest.decision == "withdrawn"
    stopped_at = newest.captured_at if newest is not None and withdrawn else None
    StimulationTrial.objects.filter(pk=trial.pk).update(consent_withdrawn_at=stopped_at)
    if withdrawn and newest is not None:
        raise_task(trial.pk, kind="consent_withdrawn", subject=newest.pk, at=at)


def _same(kept: ConsentEvent, *, sha256: str, by: PatientDevice) -> ConsentEvent:
    if kept.trial_id != by.trial_id:
        raise Problem(404, "not_found", "No such consent in this trial.")
    if kept.body_sha256 != sha256:
        raise Problem(409, "entry_conflict", "This id already carries another decision. Use a new id.")
    return kept
