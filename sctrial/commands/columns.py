"""``columns``: what every column of an exported table is."""

import argparse
import csv
import io

from sctrial.commands.outcome import Commands, Outcome, add_command
from sctrial.dictionary import read_dictionary
from sctrial.dictionary_page import page_lines
from sctrial.redcap import HEADER, dictionary_rows

_EXAMPLE = """\
example:
  python -m sctrial columns > docs/dictionary.md
  python -m sctrial columns --redcap > dictionary.csv
"""


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(commands, "columns", purpose="Say what every exported column is", epilog=_EXAMPLE)
    parser.add_argument("--redcap", action="store_true", help="as a data dictionary that REDCap imports")
    parser.set_defaults(command=_print)


def _print(options: argparse.Namespace) -> Outcome:
    if not options.redcap:
        return Outcome(page_lines())
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEADER, *dictionary_rows(read_dictionary().values())])
    return Outcome(out.getvalue().splitlines())
