"""What happens to a person's access, told to each clinic where the person works."""

from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.audit.services import record_in


def clinics_told_of(user: User) -> list[int] | list[None]:
    """Each clinic of the person, or no clinic as the only one, where there is none."""
    clinics = user.memberships.order_by("clinic_id").values_list("clinic_id", flat=True)
    return list(clinics) or [None]


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
    record_in(
        clinics_told_of(user),
        action=action,
        object_type="user",
        object_id=user.pk,
        by=by or f"staff:{user.pk}",
        at=at,
        reason=reason,
        request_id=request_id,
        detail=detail or {},
    )
