"""A session that nobody has used for a while is closed, and opens again for its owner alone.

It is closed by a mark, not by deleting it: when the same person signs in again, Django goes on with it, and
what was being written is still there. For anybody else Django begins an empty one.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, QueryDict

SINCE, SEEN, CLOSED, KEPT = "signed_in_at", "seen_at", "closed", "kept_form"
#: A session in use is written to no oftener than this.
NOTE_EVERY: Final = timedelta(minutes=1)
#: A kept form is no place for files.
MOST_KEPT: Final = 200_000
#: Never kept, whatever the form; a one-time code stands beside a password, a diagnosis does not.
SECRETS: Final = ("csrfmiddlewaretoken", "password", "password1", "password2", "passkey")
CODE, PASSWORD = "code", "password"
IDLE, TOO_LONG = "idle", "too_long"


def why_over(session: Any, *, at: datetime) -> str:
    """``idle`` or ``too_long`` where the session is to be closed now; empty where it goes on."""
    since, seen = (float(session.get(name, at.timestamp())) for name in (SINCE, SEEN))
    if at.timestamp() - seen >= settings.IDLE_MINUTES * 60:
        return IDLE
    return TOO_LONG if at.timestamp() - since >= settings.SESSION_COOKIE_AGE else ""


def note_use(session: Any, *, at: datetime) -> None:
    if SINCE not in session:
        session[SINCE] = at.timestamp()
    if at.timestamp() - float(session.get(SEEN, 0)) >= NOTE_EVERY.total_seconds():
        session[SEEN] = at.timestamp()


def open_again(session: Any, *, at: datetime) -> None:
    """After a sign-in: both clocks start anew."""
    session.pop(CLOSED, None)
    session[SINCE] = session[SEEN] = at.timestamp()


def keep_form(request: HttpRequest) -> bool:
    """Keep what was typed, without secrets and files. False where it is too much to keep."""
    posted = request.POST
    fields = {name: posted.getlist(name) for name in posted if not _is_secret(name, among=posted)}
    size = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if size > MOST_KEPT:
        return False
    request.session[KEPT] = {"path": request.get_full_path(), "fields": fields, "files": bool(request.FILES)}
    return True


def _is_secret(name: str, *, among: QueryDict) -> bool:
    return name.endswith(SECRETS) or (name == CODE and PASSWORD in among)


def forget_form(request: HttpRequest) -> None:
    """Once it is sent it is in the page's own hands."""
    if request.session.get(KEPT, {}).get("path") == request.get_full_path():
        del request.session[KEPT]
