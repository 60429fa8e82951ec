"""manage.py export_trail CLINIC [--since DAY] [--until DAY] [--about ID] --format csv|json > FILE"""

import csv
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.audit.exporting import Part, rows_of
from apps.audit.services import record
from sctrial import trail


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
        said = {name: str(options[name] or "") for name in ("since", "until", "about", "format")}
        record(
            action="export",
            object_type="trail",
            object_id=clinic.pk,
            by="system",
            at=timezone.now(),
            clinic_id=clinic.pk,
            detail=said,
        )
        self._write(part, is_csv=options["format"] == "csv")

    def _write(self, part: Part, *, is_csv: bool) -> None:
        if not is_csv:
            for row in rows_of(part):
                self.stdout.write(trail.json_line(row), ending="")
            return
        table = csv.writer(self.stdout)
        table.writerow(trail.ALL)
        table.writerows(map(trail.csv_cells, rows_of(part)))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
