"""manage.py export_trail CLINIC [--since DAY] [--until DAY] [--about ID] --format csv|json > FILE"""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.audit.exporting import Part, text_of
from apps.audit.services import record


class Command(BaseCommand):
    help = "Print a clinic's trail with its hashes; `python -m sctrial trail FILE` checks it anywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("clinic", help="the clinic's name")
        parser.add_argument("--since", type=_instant, help="first day, such as 2026-10-01, in UTC")
        parser.add_argument("--until", type=_instant, help="first day that is left out")
        parser.add_argument("--about", default="", help="the id of one trial, patient or other row")
        parser.add_argument("--format", choices=["csv", "json"], required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = Clinic.objects.filter(name=options["clinic"]).first()
        if clinic is None:
            raise CommandError(f"no clinic is called {options['clinic']!r}")
        part = Part(clinic.pk, options["since"], options["until"], options["about"])
        record(
            action="export",
            object_type="trail",
            object_id=clinic.pk,
            by="system",
            at=timezone.now(),
            clinic_id=clinic.pk,
            detail=part.said() | {"format": options["format"]},
        )
        for text in text_of(part, is_csv=options["format"] == "csv"):
            self.stdout.write(text, ending="")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
