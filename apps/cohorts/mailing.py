"""What a person is told of their files and schedules by mail: that there is something, and where.

No patient, no count, no question is in a mail, and its address opens nothing to who is not signed in.
"""

from typing import Final

from django.conf import settings

from apps.accounts.models import User
from apps.diary import channels
from apps.diary.channels import Message, Result

READY: Final = "The file that you asked for is ready, until {until}. Sign in to fetch it:"
NOT_MADE: Final = "The file that you asked for could not be made. Sign in to see why, and what helps:"
SCHEDULED: Final = "A {what} that you have scheduled is made. Sign in to open it:"
NOT_SCHEDULED: Final = (
    "A {what} that you have scheduled could not be made. Sign in to see why, and what helps:"
)
REPORT_READY: Final = "The cohort report that you asked for is ready, until {until}. Sign in to open it:"
NO_REPORT: Final = (
    "The cohort report that you asked for could not be made. Sign in to see why, and what helps:"
)


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
