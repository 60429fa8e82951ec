"""A clinician of another clinic, in a browser, with the records of a clinic open in an emergency."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from apps.accounts.emergency import open_emergency
from apps.accounts.models import Clinic, EmergencyAccess, User
from apps.workspace.emergency import SESSION

SAID = {"reason_code": "patient_here", "reason": "in our emergency room"}


def switch_on(clinic: Clinic) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(emergency_access=True)


def open_for(user: User, clinic: Clinic, *, client: Client, ago: timedelta = timedelta()) -> EmergencyAccess:
    """As the page does once both factors are proven."""
    switch_on(clinic)
    said: dict[str, Any] = SAID | {"at": datetime.now(UTC) - ago}
    opened = open_emergency(user, clinic.pk, **said)
    session = client.session
    session[SESSION] = opened.pk
    session.save()
    return opened
