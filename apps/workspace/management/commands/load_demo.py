"""manage.py load_demo: made-up trials and seven open diaries. A second run changes nothing."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.workspace.demo.digest import demo_digest
from apps.workspace.demo.loading import SEED, NotADemo, loading_steps


class Command(BaseCommand):
    help = "Load the demo: invented people, and open diaries of people who had no stimulator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="another seed gives other scores")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            steps = list(loading_steps(seed=options["seed"], today=now.date(), now=now))
        except NotADemo as error:
            raise CommandError(str(error)) from error
        with tqdm(steps, desc="Demo", file=sys.stderr, leave=False) as bar:
            written = 0
            for step in bar:
                bar.set_postfix_str(step.name)
                written += step.run()
        self.stdout.write(f"{written} of {len(steps)} parts were new. Digest of the demo: {demo_digest()}")
