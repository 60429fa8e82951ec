"""Close a session of the staff site that nobody has used: see apps/workspace/idle.py."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.accounts.emergency import End
from apps.accounts.trail import record_for
from apps.workspace.emergency import end_in
from apps.workspace.idle import CLOSED, forget_form, keep_form, note_use, why_over

STAFF: Final = "/staff/"
Handler = Callable[[HttpRequest], HttpResponseBase]


class IdleSessions:
    """Comes behind the user's own middleware, before the rows of a request are asked for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(STAFF) and request.user.is_authenticated:
            _look_at_the_clock(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Called once the form is known to be of our own page."""
        if request.method != "POST" or not request.path_info.startswith(STAFF):
            return None
        if not getattr(request, "is_closed", False):
            forget_form(request)
            return None
        if request.path_info == reverse("admin:login"):
            return None
        if request.path_info == reverse("admin:logout"):
            request.session.flush()
            return redirect("admin:login")
        kept = keep_form(request)
        return redirect_to_login(
            reverse("admin:kept_form" if kept else "admin:index"), reverse("admin:login")
        )


def _look_at_the_clock(request: HttpRequest) -> None:
    user: Any = request.user
    session, at = request.session, timezone.now()
    if CLOSED not in session:
        why = why_over(session, at=at)
        if not why:
            note_use(session, at=at)
            return
        with transaction.atomic():
            end_in(request, why=End.SESSION_CLOSED, at=at)
            session[CLOSED] = why
            session.save()
            request_id = request.META.get("REQUEST_ID", "")
            record_for(user, "close_session", at=at, request_id=request_id, detail={"why": why})
    request.is_closed = True  # type: ignore[attr-defined]
    request.user = AnonymousUser()
