"""End everything by which a person is let in: sessions, API keys, emergency accesses, from the commit on."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from apps.accounts.emergency import End, end_all
from apps.accounts.models import ApiKey, EmergencyAccess, User
from apps.accounts.trail import record_for


class Why(StrEnum):
    BY_THEMSELVES = "by_themselves"
    BY_AN_ADMIN = "by_an_admin"
    RENEWED = "password_changed"
    INACTIVE = "deactivated"
    ROLE = "role_lost"


@transaction.atomic
def end_access(user: User, *, why: Why, by: str, at: datetime, reason: str = "", request_id: str = "") -> int:
    """How many keys were revoked. No session is looked for: each names the epoch in which it began."""
    User.objects.filter(pk=user.pk).update(access_epoch=F("access_epoch") + 1)
    user.refresh_from_db(fields=["access_epoch"])
    revoked = ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
    opened = EmergencyAccess.objects.filter(user=user)
    end_all(opened, why=End.ACCESS_ENDED, by=by, at=at, request_id=request_id)
    detail = {"why": why.value, "keys": revoked}
    record_for(user, "end_access", by=by, at=at, reason=reason, request_id=request_id, detail=detail)
    return revoked
