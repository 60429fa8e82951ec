"""manage.py snapshot_dataset SNAPSHOT FOLDER [--buckets 16]: partitioned Parquet, docs/methods/scale.md."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.cohorts.datasets import CannotWrite, write_dataset
from apps.cohorts.models import Snapshot
from apps.cohorts.services import Asker
from apps.workspace.permissions import Access
from sctrial.partitions import MOST_BUCKETS


class Command(BaseCommand):
    help = "Write a de-identified snapshot as a folder of Parquet files that DuckDB, Spark or BigQuery read"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("snapshot", help="its id, from the page Snapshots")
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")
        parser.add_argument("--buckets", type=int, default=16, help=f"files a table, 1 to {MOST_BUCKETS}")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["buckets"] <= MOST_BUCKETS:
            raise CommandError(f"--buckets must be from 1 to {MOST_BUCKETS}")
        snapshot = Snapshot.objects.filter(pk=options["snapshot"]).first()
        if snapshot is None:
            raise CommandError("There is no snapshot of that id; copy one from the page Snapshots.")
        asker = Asker("job:snapshot_dataset", Access({}), timezone.now())
        try:
            rows = write_dataset(snapshot, options["folder"], buckets=options["buckets"], asker=asker)
        except CannotWrite as refusal:
            raise CommandError(str(refusal)) from None
        for name, count in rows.items():
            self.stdout.write(f"{name}: {count} rows")
