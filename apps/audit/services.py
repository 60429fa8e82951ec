"""Write the trail in the same transaction as the act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from apps.audit.models import AuditEvent


class SharedEvent(TypedDict):
    action: str
    object_type: str
    by: str
    at: datetime
    reason: NotRequired[str]
    request_id: NotRequired[str]
    detail: NotRequired[dict[str, Any]]


class Event(SharedEvent):
    object_id: object


def record_in(clinics: Iterable[int | None], **event: Unpack[Event]) -> None:
    """One event in each clinic. ``[None]`` is an event of no clinic, no clinic is no event."""
    _add([_event(clinic_id=clinic, **event) for clinic in clinics])


def record_each(objects: Iterable[tuple[int, object]], **event: Unpack[SharedEvent]) -> None:
    """One event for each clinic and object, by one statement."""
    _add([_event(clinic_id=clinic, object_id=about, **event) for clinic, about in objects])


def record(
    *,
    action: str,
    object_type: str,
    object_id: object,
    by: str,
    at: datetime,
    clinic_id: int | None = None,
    reason: str = "",
    request_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one event. ``detail`` holds codes and counts; never a score, a note or a token."""
    event: Event = {"action": action, "object_type": object_type, "object_id": object_id, "by": by, "at": at}
    told: Event = {**event, "reason": reason, "request_id": request_id, "detail": detail or {}}
    _add([_event(clinic_id=clinic_id, **told)])


def _event(
    *,
    clinic_id: int | None,
    action: str,
    object_type: str,
    object_id: object,
    by: str,
    at: datetime,
    reason: str = "",
    request_id: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    return AuditEvent(
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        actor=by,
        at=at,
        clinic_id=clinic_id,
        reason=reason,
        request_id=request_id,
        detail=detail or {},
    )


def _add(events: list[AuditEvent]) -> None:
    # Nothing is read back: who writes an event of another clinic is not shown it (docs/adr/0014).
    AuditEvent.objects.bulk_create(events, ignore_conflicts=True)
