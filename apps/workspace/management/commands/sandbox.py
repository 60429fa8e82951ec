"""manage.py sandbox: makes synthetic patients for bin/app-kit and answers what the record holds of them."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.workspace.demo.loading import NotADemo, require_demo
from apps.workspace.sandbox.desk import answer_line


class Command(BaseCommand):
    help = "Serve the app kit: JSON lines on stdin, one JSON line back for each. Only where DEMO=1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="bring the tables up to date first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            require_demo()
        except NotADemo as error:
            raise CommandError(str(error)) from error
        if options["migrate"]:
            call_command("migrate", interactive=False, verbosity=0)
        for line in sys.stdin:
            if line.strip():
                self.stdout.write(answer_line(line))
                self.stdout.flush()
