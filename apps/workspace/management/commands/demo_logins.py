"""manage.py demo_logins: where to log in and as whom, and a fresh pairing code for a phone."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from apps.diary.pairing import issue_invitation
from apps.trials.models import StimulationTrial
from apps.workspace.demo.cast import ACTOR, NORTH, logins
from apps.workspace.demo.loading import NotADemo, require_demo
from sctrial.phases import Phase

LIFETIME = timedelta(hours=24)
ROW = "  {:<20} {:<12} {:<18} {}"
CURL = """
Send a score as a phone does (this uses the code up; /bin/sh):
  TOKEN=$(curl -s {url}{pairing} -H 'Content-Type: application/json' -d '{{"code":"{code}"}}' \\
    | sed 's/.*"token": *"\\([^"]*\\)".*/\\1/')
  curl -X PUT {url}{entry} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
    -d '{{"region":"target","kind":"average","value":3,"instrument_version":"nrs-average-24h/1",
         "zone":"UTC","captured_at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}}'"""


class Command(BaseCommand):
    help = "Print the demo's logins and issue one pairing code, good for 24 hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-curl", action="store_true", help="leave the example call out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_demo()
        except NotADemo as error:
            raise CommandError(str(error)) from error
        trial = _running_trial()
        invitation = issue_invitation(trial, by=ACTOR, at=timezone.now(), lifetime=LIFETIME)
        self.stdout.write(f"Staff site: {settings.PUBLIC_URL}{reverse('admin:index')}")
        self.stdout.write(ROW.format("clinic", "role", "login", "password"))
        for login in logins():
            self.stdout.write(ROW.format(login.clinic.name, login.role, login.username, login.password))
        whose = f"{trial.patient} of {trial.clinic}"
        self.stdout.write(f"\nThe patient's app, as {whose}: {invitation.link}")
        self.stdout.write(f"Or type the code {invitation.code} there (either works once, within 24 hours)")
        if not options["no_curl"]:
            self.stdout.write(_curl(invitation.code))


def _running_trial() -> StimulationTrial:
    """The newest running trial: the one that is on its second day when the demo is new."""
    trial = (
        StimulationTrial.objects.filter(clinic__name=NORTH.name, phase=Phase.TRIAL_ACTIVE.value)
        .select_related("patient", "clinic")
        .order_by("-lead_placed_on")
        .first()
    )
    if trial is None:
        raise CommandError("no running trial of the demo: run manage.py load_demo first")
    return trial


def _curl(code: str) -> str:
    return CURL.format(
        url=settings.PUBLIC_URL,
        code=code,
        pairing=reverse("pairing"),
        entry=reverse("diary-entry", args=[uuid4()]),
    )
