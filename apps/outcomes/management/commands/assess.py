"""manage.py assess TRIAL_ID ... | --all | --stale [--block 1000]: judge trials in blocks; safe to repeat."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone
from tqdm import tqdm

from apps.outcomes import selectors
from apps.outcomes.blocks import LARGEST_BLOCK, Report, assess_block
from apps.trials.models import StimulationTrial


class Command(BaseCommand):
    help = "Judge trials under every rule set in force. What is judged already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("trials", nargs="*", type=UUID, metavar="TRIAL_ID")
        parser.add_argument("--all", action="store_true", help="every trial")
        parser.add_argument(
            "--stale", action="store_true", help="only trials with newer evidence, rules or engine"
        )
        parser.add_argument(
            "--block", type=int, default=1000, help=f"trials in one transaction, 1 to {LARGEST_BLOCK}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["block"] <= LARGEST_BLOCK:
            raise CommandError(f"--block must be from 1 to {LARGEST_BLOCK}")
        trials = _chosen(options["trials"], every=options["all"], stale=options["stale"])
        report = _assess(trials, size=options["block"], quiet=options["verbosity"] == 0)
        self.stdout.write(_summary(report))
        if report.failed:
            raise CommandError("some trials could not be judged; the log above says why")


def _chosen(ids: list[UUID], *, every: bool, stale: bool) -> "QuerySet[StimulationTrial, UUID]":
    if bool(ids) == (every or stale):
        raise CommandError("name the trials, or give --all or --stale")
    if stale:
        return selectors.stale_trials(on=timezone.now().date())
    trials = StimulationTrial.objects.values_list("pk", flat=True)
    if every:
        return trials
    unknown = sorted(str(each) for each in set(ids) - set(trials.filter(pk__in=ids)))
    if unknown:
        raise CommandError(f"no such trial: {', '.join(unknown)}")
    return trials.filter(pk__in=ids)


def _assess(trials: "QuerySet[StimulationTrial, UUID]", *, size: int, quiet: bool) -> Report:
    report = Report()
    with tqdm(total=trials.count(), unit="trial", file=sys.stderr, disable=quiet) as progress:
        for block in selectors.blocks_of(trials, size=size):
            report.add(assess_block(block, at=timezone.now()))
            progress.update(len(block))
    return report


def _summary(report: Report) -> str:
    failed = ", ".join(f"{trial_id} ({reason})" for trial_id, reason in report.failed.items())
    return (
        f"{report.trials} trials: {report.written} new assessments, {report.found} already there, "
        f"{len(report.failed)} failed{failed and ': '}{failed}"
    )
