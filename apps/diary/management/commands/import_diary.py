"""manage.py import_diary FILE --clinic C --mapping M.toml [--dry-run] [--json]: docs/import.md."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.accounts.models import Clinic
from apps.diary.importing.mapping import ImportMapping, read_mapping
from apps.diary.importing.reading import FileRefused
from apps.diary.importing.report import ImportReport
from apps.diary.imports import ImportRefused, RowsRefused, import_diary
from sctrial.strict import DocumentError

ACTOR = "job:import_diary"
# The file is read twice: to judge it, and to store it.
READINGS = 2
LONGEST_MAPPING = 1_000_000


class Command(BaseCommand):
    help = "Import a diary from a CSV file through a mapping file: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file in UTF-8")
        parser.add_argument("--clinic", required=True, help="name of the clinic, as it is stored")
        parser.add_argument("--mapping", required=True, type=Path, help="TOML file: docs/import.md")
        parser.add_argument("--dry-run", action="store_true", help="judge and store, then take it all back")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = _clinic(options["clinic"])
        mapping = _mapping(options["mapping"])
        try:
            report = _run(options["file"], clinic=clinic, mapping=mapping, dry_run=options["dry_run"])
        except RowsRefused as error:
            if options["json"]:
                self._print_json(error.report)
            raise CommandError(str(error)) from error
        except (FileRefused, ImportRefused) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self._print_json(report)
        else:
            self._print_table(report)

    def _print_json(self, report: ImportReport) -> None:
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))

    def _print_table(self, report: ImportReport) -> None:
        self.stdout.write(report.table())
        if report.dry_run:
            self.stdout.write("dry run: nothing was stored")
        else:
            self.stdout.write(f"stored in trial {report.trial_id} of {report.patient}, {report.clinic}")


def _clinic(name: str) -> Clinic:
    clinic = Clinic.objects.filter(name=name).first()
    if clinic is None:
        known = ", ".join(Clinic.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"no clinic is called {name!r}; known: {known}")
    return clinic


def _mapping(path: Path) -> ImportMapping:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return read_mapping(file.read(LONGEST_MAPPING), origin=path.name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text: save the mapping as UTF-8") from error
    except DocumentError as error:
        raise CommandError(str(error)) from error


def _run(path: Path, *, clinic: Clinic, mapping: ImportMapping, dry_run: bool) -> ImportReport:
    size = path.stat().st_size if path.is_file() else 0
    with tqdm(
        total=READINGS * size, unit="B", unit_scale=True, desc=path.name, file=sys.stderr, disable=None
    ) as bar:
        return import_diary(
            path,
            clinic=clinic,
            mapping=mapping,
            by=ACTOR,
            at=timezone.now(),
            dry_run=dry_run,
            progress=bar.update,
        )
