"""``trail``: an exported audit trail, held against its hashes."""

import argparse
from pathlib import Path

from sctrial.commands.outcome import DIFFERENT, DONE, Commands, Outcome, Refused, add_command
from sctrial.trail import NotATrail, findings_of, read_rows

_EXAMPLE = """\
example:
  python manage.py export_trail "Clinic North" --format csv > trail.csv
  python -m sctrial trail trail.csv

It names each row that is not as it was written. Exit code 0: none. 1: some. 2: the file is no trail.
A row whose time lies more than a second before that of the row before it is named too, and is no flaw: a
clock was set back, or the act took so long. The places are the order.
"""


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(commands, "trail", purpose="Check an exported audit trail", epilog=_EXAMPLE)
    parser.add_argument("file", type=Path, metavar="FILE", help="written by export_trail, CSV or JSON lines")
    parser.set_defaults(command=_check)


def _check(options: argparse.Namespace) -> Outcome:
    try:
        with options.file.open(encoding="utf-8", newline="") as file:
            findings = list(findings_of(read_rows(file)))
    except NotATrail as error:
        raise Refused(f"{options.file} {error}") from error
    except (OSError, ValueError) as error:
        raise Refused(f"{options.file} cannot be read as a trail: {error}") from error
    flawed = any(finding.is_flaw for finding in findings)
    words = [finding.words for finding in findings]
    return Outcome(words if flawed else [*words, "as written"], code=DIFFERENT if flawed else DONE)
