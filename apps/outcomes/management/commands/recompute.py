"""manage.py recompute [--block 20000]: what every rule in force answers for every trial, as columns."""

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.outcomes import selectors
from apps.outcomes.recomputing import LARGEST_BLOCK, recompute_block
from apps.trials.models import StimulationTrial


class Command(BaseCommand):
    help = "Answer every rule in force for every trial, without sentences or seals; safe to repeat"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--block", type=int, default=20_000, help=f"trials in one transaction, 1 to {LARGEST_BLOCK}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["block"] <= LARGEST_BLOCK:
            raise CommandError(f"--block must be from 1 to {LARGEST_BLOCK}")
        failed = _recompute(size=options["block"], quiet=options["verbosity"] == 0)
        for rule, counts in selectors.count_outcomes().items():
            told = ", ".join(f"{words} {counts[answer]}" for answer, words in TOLD.items())
            self.stdout.write(f"{rule}: {told}; other than the assessment {counts[DIFFERENT]}")
        if failed:
            named = ", ".join(f"{trial_id} ({reason})" for trial_id, reason in failed.items())
            raise CommandError(f"some trials could not be judged; the log above says why: {named}")


TOLD = {"met": "met", "not_met": "not met", "not_evaluable": "not evaluable"}
DIFFERENT = "different"


def _recompute(*, size: int, quiet: bool) -> dict[UUID, str]:
    failed: dict[UUID, str] = {}
    trials = StimulationTrial.objects.values_list("pk", flat=True)
    with tqdm(total=trials.count(), unit="trial", file=sys.stderr, disable=quiet) as progress:
        for block in selectors.blocks_of(trials, size=size):
            failed |= recompute_block(block, at=timezone.now())
            progress.update(len(block))
    return failed
