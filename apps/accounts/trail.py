"""What happens to a person's access, told to each clinic where the person works."""

from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.audit.services import record


def record_for(
    user: User,
    action: str,
    *,
    at: datetime,
    by: str = "",
    reason: str = "",
    request_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """An event in each clinic of the person, or of no clinic, where there is none."""
    clinics = user.memberships.order_by("clinic_id").values_list("clinic_id", flat=True)
    for clinic in clinics or [None]:
        record(
            action=action,
            object_type="user",
            object_id=user.pk,
            by=by or f"staff:{user.pk}",
            at=at,
            clinic_id=clinic,
            reason=reason,
            request_id=request_id,
            detail=detail,
        )
