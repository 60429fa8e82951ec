"""manage.py import_cohort FILE --clinic C --mapping M.toml, with more options: docs/import.md."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.accounts.models import Clinic
from apps.cohorts.importing.mapping import CohortMapping, read_cohort_mapping
from apps.cohorts.importing.redcap import read_dictionary
from apps.cohorts.imports import RowsRefused, StoredAlready, decimal_of, import_cohort, results_of
from apps.cohorts.models import OutcomeTable
from apps.diary.importing.reading import FileRefused
from sctrial.intervals import display_interval
from sctrial.strict import DocumentError

ACTOR = "job:import_cohort"
LONGEST_MAPPING = 1_000_000
#: What most trials of stimulation report; the whole curve stands in the report page.
PERCENT = 50


class Command(BaseCommand):
    help = "Import a table of outcomes, one row a person and visit: all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV file in UTF-8")
        parser.add_argument("--clinic", required=True, help="name of the clinic, as it is stored")
        parser.add_argument("--mapping", required=True, type=Path, help="TOML file: docs/import.md")
        parser.add_argument("--dictionary", type=Path, help="the data dictionary of a REDCap project")
        parser.add_argument("--once", action="store_true", help="a file that is stored already is no error")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = _run(options)
        except RowsRefused as error:
            if options["json"]:
                self.stdout.write(json.dumps(error.report.as_json(), ensure_ascii=False))
            raise CommandError(f"nothing was stored\n{error}") from error
        except FileRefused as error:
            if options["once"] and isinstance(error, StoredAlready):
                self.stdout.write(f"{error}; left as it is")
                return
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(table.report, ensure_ascii=False) if options["json"] else "\n".join(words_of(table))
        )


def _run(options: dict[str, Any]) -> OutcomeTable:
    path: Path = options["file"]
    clinic = Clinic.objects.filter(name=options["clinic"]).first()
    if clinic is None:
        known = ", ".join(Clinic.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"no clinic is called {options['clinic']!r}; known: {known}")
    size = path.stat().st_size if path.is_file() else 0
    with tqdm(total=size, unit="B", unit_scale=True, desc=path.name, file=sys.stderr, disable=None) as bar:
        return import_cohort(
            path,
            clinic=clinic,
            mapping=_mapping(options["mapping"]),
            dictionary=read_dictionary(options["dictionary"]) if options["dictionary"] else None,
            by=ACTOR,
            at=timezone.now(),
            progress=bar.update,
        )


def words_of(table: OutcomeTable) -> list[str]:
    """For people: the counts that must add up, then a line an arm."""
    rows = table.report["rows"]
    head = f"{table.name}: rows {rows['read']} = taken {rows['taken']} + skipped {rows['skipped']} + wrong 0"
    arms = (
        f"  {arm}: {one.responders.count.met} of {one.people} fell by at least {PERCENT} %, "
        f"drop-outs counted as failures ({display_interval(one.responders.interval)}); mean after treatment "
        f"{'none' if one.after_mean is None else decimal_of(one.after_mean)} of {one.after_n}"
        for arm, one in results_of(table, percent=PERCENT).items()
    )
    return [head, *arms]


def _mapping(path: Path) -> CohortMapping:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return read_cohort_mapping(file.read(LONGEST_MAPPING), origin=path.name)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text: save the mapping as UTF-8") from error
    except DocumentError as error:
        raise CommandError(str(error)) from error
