"""manage.py verify_trail [--heads FILE] [--write-heads FILE]: name what in the trail was tampered with."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.verifying import Verifier, read_heads, write_heads


class Command(BaseCommand):
    help = "Check every event of the trail against the chain of its clinic. Reads only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--heads", type=Path, help="heads noted earlier: they show what was cut off")
        parser.add_argument("--write-heads", type=Path, help="note the heads; keep the file somewhere else")

    def handle(self, *args: Any, **options: Any) -> None:
        verifier = Verifier(_known(options["heads"]))
        flaws = 0
        for flaw in verifier.flaws():
            flaws += 1
            self.stdout.write(str(flaw))
        for step in verifier.steps:
            self.stdout.write(str(step))
        if flaws:
            raise CommandError(f"{flaws} of the trail's places are not as they were written")
        self.stdout.write(f"{verifier.count} events in {len(verifier.heads)} chains are as written\n")
        if options["write_heads"]:
            options["write_heads"].write_text(write_heads(verifier.heads), encoding="utf-8")


def _known(path: Path | None) -> dict[int, Any]:
    if path is None:
        return {}
    try:
        return read_heads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"--heads {path}: {error}") from error
