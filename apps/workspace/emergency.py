"""Which emergency access a request has: the session names it, and the row says whether it is still open."""

from datetime import datetime
from typing import Any, Final, cast

from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.emergency import End, end_emergency, still_open, why_over
from apps.accounts.models import EmergencyAccess
from apps.admin import actor, now

#: In the session that opened it, and in no other of the same person.
SESSION: Final = "emergency_access"


def open_in(request: HttpRequest) -> EmergencyAccess | None:
    """Asked once a request."""
    if not hasattr(request, "_emergency"):
        request._emergency = _find(request, at=now())  # type: ignore[attr-defined]
    return cast("EmergencyAccess | None", request._emergency)  # type: ignore[attr-defined]


def begin_in(request: HttpRequest, opened: EmergencyAccess) -> None:
    request.session[SESSION] = opened.pk


def open_elsewhere(request: HttpRequest, *, at: datetime) -> EmergencyAccess | None:
    """One that this person opened in another session, and that reads nothing here."""
    rows = _of_user(request).filter(ended_at=None, until__gt=at)
    return None if open_in(request) else rows.select_related("clinic").first()


def end_own(request: HttpRequest, *, at: datetime) -> bool:
    """In whatever session it was opened: who has lost a browser ends it too."""
    request.session.pop(SESSION, None)
    request._emergency = None  # type: ignore[attr-defined]
    row = _of_user(request).filter(ended_at=None).select_related("clinic", "user").first()
    return row is not None and _end(request, row, why=End.READER, at=at)


def end_in(request: HttpRequest, *, why: End, at: datetime) -> bool:
    """Whether there was one to end."""
    row = _named_by(request)
    request.session.pop(SESSION, None)
    request._emergency = None  # type: ignore[attr-defined]
    return row is not None and _end(request, row, why=why, at=at)


def _find(request: HttpRequest, *, at: datetime) -> EmergencyAccess | None:
    user: Any = request.user
    session: Any = getattr(request, "session", {})
    if SESSION not in session or not user.is_authenticated:
        return None
    opened = still_open(user, session[SESSION], at=at)
    if opened is None:
        row = _named_by(request)
        del session[SESSION]
        if row is not None:
            _end(request, row, why=why_over(row), at=at)
    return opened


def _named_by(request: HttpRequest) -> EmergencyAccess | None:
    if SESSION not in request.session:
        return None
    rows = _of_user(request).filter(pk=request.session[SESSION])
    return rows.select_related("clinic", "user").first()


def _of_user(request: HttpRequest) -> QuerySet[EmergencyAccess]:
    user: Any = request.user
    return EmergencyAccess.objects.filter(user=user)


def _end(request: HttpRequest, row: EmergencyAccess, *, why: End, at: datetime) -> bool:
    request_id = str(request.META.get("REQUEST_ID", ""))
    return end_emergency(row, why=why, by=actor(request), at=at, request_id=request_id)
