"""Write the trail in the same transaction as the act."""

from datetime import datetime
from typing import Any

from apps.audit.models import AuditEvent


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
    event = AuditEvent(
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
    # Nothing is read back: who writes an event of another clinic is not shown it (docs/adr/0014).
    AuditEvent.objects.bulk_create([event], ignore_conflicts=True)
