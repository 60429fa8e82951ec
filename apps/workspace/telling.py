"""One line to those who run a clinic, without any health content."""

from typing import Any, Final

from apps.accounts.factors import WrongCredentials, site_admins_of
from apps.accounts.models import Clinic, Role
from apps.diary import channels
from apps.diary.channels import Message

TRIED: Final = Message(
    "Wrong tries to sign",
    "Several wrong passwords or second factors of one person of your clinic within an hour. "
    "Look at the audit trail of your clinic.\n",
)


def tell_of_tries(user: Any, refusal: WrongCredentials) -> None:
    """To each clinic of the person, when the tries have become alarming."""
    if not refusal.is_alarming:
        return
    for clinic in Clinic.objects.filter(memberships__user=user, memberships__role__in=list(Role)):
        tell_site_admins(clinic, TRIED)


def tell_site_admins(clinic: Clinic, message: Message) -> None:
    """The trail has it whatever becomes of the mail."""
    addresses = {*site_admins_of(clinic.pk), clinic.alert_email} - {""}
    for address in sorted(addresses):
        tell(address, message)


def tell(address: str, message: Message) -> bool:
    """Whether a gateway has taken it."""
    if channels.is_open("email"):
        return channels.send_email(address, message).ok
    return channels.is_open("console") and channels.write_console(address, message).ok
