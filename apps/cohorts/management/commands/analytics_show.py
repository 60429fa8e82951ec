"""manage.py analytics_show SNAPSHOT: as the owner of the tables; again whenever newer data shall be seen."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.cohorts.analytics import CannotShow, show_snapshot
from apps.cohorts.models import Snapshot
from apps.cohorts.services import Asker
from apps.workspace.permissions import Access


class Command(BaseCommand):
    help = "Show the tables of a snapshot as the SQL views analytics.*"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("snapshot", help="its id, from the page Snapshots")

    def handle(self, *args: Any, **options: Any) -> None:
        snapshot = Snapshot.objects.filter(pk=options["snapshot"]).first()
        if snapshot is None:
            raise CommandError("There is no snapshot of that id; copy one from the page Snapshots.")
        asker = Asker("job:analytics_show", Access({}), timezone.now())
        try:
            shown = show_snapshot(snapshot, asker=asker)
        except CannotShow as refusal:
            raise CommandError(str(refusal)) from None
        for name, rows in shown.items():
            self.stdout.write(f"analytics.{name}: {rows} rows")
