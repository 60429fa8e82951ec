"""What a person is told of their files and schedules by mail: that there is something, and where.

No patient, no count, no question is in a mail, and its address opens nothing to who is not signed in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from apps.accounts.models import User
from apps.diary import channels
from apps.diary.channels import Message, Result

SCHEDULED: Final = "A {what} that you have scheduled is made. Sign in to open it:"
NOT_SCHEDULED: Final = (
    "A {what} that you have scheduled could not be made. Sign in to see why, and what helps:"
)


@dataclass(frozen=True)
class Ending:
    """How the end of a job of one sort is told."""

    what: str
    to: str


FILE: Final = Ending("file", to="fetch")
REPORT: Final = Ending("cohort report", to="open")


def send_ending(person: User, told: Ending, *, until: datetime | None, path: str) -> Result:
    """Ready ``until`` then, or None: not made."""
    if until is None:
        title = f"Your {told.what} was not made"
        words = f"The {told.what} that you asked for could not be made. Sign in to see why, and what helps:"
    else:
        title = f"Your {told.what} is ready"
        ready = f"The {told.what} that you asked for is ready, until {until:%d %B %Y}."
        words = f"{ready} Sign in to {told.to} it:"
    return send_link(person, title=title, words=words, path=path)


def send_link(person: User, *, title: str, words: str, path: str) -> Result:
    """Hand over one mail. ``detail`` says why none was: it names no address."""
    message = Message(title, f"{words}\n\n{settings.PUBLIC_URL}{path}\n")
    if not person.is_active:
        return Result(ok=False, detail="this person's account is closed")
    if person.email and channels.is_open("email"):
        return channels.send_email(person.email, message)
    if channels.is_open("console"):
        return channels.write_console(person.email or person.get_username(), message)
    why = "no mail gateway is set up" if person.email else "no mail address is kept for this person"
    return Result(ok=False, detail=why)
