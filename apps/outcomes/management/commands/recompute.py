"""manage.py recompute [--block 20000] [--queue] [--wait]: every rule's answer for every trial."""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.outcomes import runs, selectors
from apps.outcomes.models import RecomputeRun
from apps.outcomes.recomputing import LARGEST_BLOCK, recompute_everybody
from apps.outcomes.tasks import recompute
from apps.trials.models import StimulationTrial

TOLD = {"met": "met", "not_met": "not met", "not_evaluable": "not evaluable"}
DIFFERENT = "different"
#: Seconds between two looks at how far the workers are.
LOOK = 1.0


class Command(BaseCommand):
    help = "Answer every rule in force for every trial, without sentences or seals; safe to repeat"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--block", type=int, default=20_000, help=f"trials in one transaction, 1 to {LARGEST_BLOCK}"
        )
        parser.add_argument(
            "--queue", action="store_true", help="leave it to the workers; joins a run that has not ended"
        )
        parser.add_argument("--wait", action="store_true", help="show how far the workers are, to the end")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["block"] <= LARGEST_BLOCK:
            raise CommandError(f"--block must be from 1 to {LARGEST_BLOCK}")
        quiet = options["verbosity"] == 0
        if options["queue"]:
            self._ask(size=options["block"])
        if options["wait"]:
            self._tell(_wait(quiet=quiet))
        elif not options["queue"]:
            self._tell(_recompute(size=options["block"], quiet=quiet))

    def _ask(self, *, size: int) -> None:
        run = runs.ask_run(size=size, at=timezone.now())
        recompute.ring(run_id=run.pk)
        done = runs.progress_of(run)
        self.stdout.write(
            f"{done.trials} trials in {done.blocks} blocks, {done.blocks_ended} of them done; "
            "recompute --wait shows how far the workers are"
        )

    def _tell(self, failed: Mapping[str, str]) -> None:
        for rule, counts in selectors.count_outcomes().items():
            told = ", ".join(f"{words} {counts[answer]}" for answer, words in TOLD.items())
            self.stdout.write(f"{rule}: {told}; other than the assessment {counts[DIFFERENT]}")
        if failed:
            named = ", ".join(f"{trial_id} ({reason})" for trial_id, reason in failed.items())
            raise CommandError(f"some trials could not be judged; the log above says why: {named}")


def _recompute(*, size: int, quiet: bool) -> dict[str, str]:
    failed: dict[UUID, str] = {}
    at = timezone.now()
    count = StimulationTrial.objects.count()
    with tqdm(total=count, unit="trial", file=sys.stderr, disable=quiet) as progress:
        for trials, of_block in recompute_everybody(size=size, at=at):
            failed |= of_block
            progress.update(trials)
    return {str(trial_id): reason for trial_id, reason in failed.items()}


def _wait(*, quiet: bool) -> dict[str, str]:
    run = RecomputeRun.objects.order_by("pk").last()
    if run is None:
        raise CommandError("no workers were asked for a recompute; give --queue")
    with tqdm(total=runs.progress_of(run).trials, unit="trial", file=sys.stderr, disable=quiet) as shown:
        while True:
            run.refresh_from_db()
            shown.update(runs.progress_of(run).trials_ended - shown.n)
            if run.ended_at is not None:
                return runs.failures_of(run)
            time.sleep(LOOK)
