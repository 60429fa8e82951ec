"""One line to those who run a clinic, without any health content."""

from apps.accounts.factors import site_admins_of
from apps.accounts.models import Clinic
from apps.diary import channels
from apps.diary.channels import Message


def tell_site_admins(clinic: Clinic, message: Message) -> None:
    """The trail has it whatever becomes of the mail."""
    addresses = {*site_admins_of(clinic.pk), clinic.alert_email} - {""}
    for address in sorted(addresses):
        if channels.is_open("email"):
            channels.send_email(address, message)
        elif channels.is_open("console"):
            channels.write_console(address, message)
