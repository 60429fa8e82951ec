"""``replay``: a sealed decision document judged again."""

import argparse
from pathlib import Path

from sctrial.commands.diaries import read_bytes
from sctrial.commands.outcome import DIFFERENT, DONE, Commands, Outcome, Refused, add_command
from sctrial.decision import NotADocument, parse_document
from sctrial.replay import replay

_EXAMPLE = """\
example:
  python -m sctrial judge diary.csv --rule-set NORTH_PP --documents decisions
  python -m sctrial replay decisions/P-001.json

It prints "same", or the first difference as a JSON pointer with the sealed and the recomputed value.
Exit code 0: the same to the byte. 1: something differs. 2: the file is no decision document.
"""


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(
        commands, "replay", purpose="Judge a sealed decision document again", epilog=_EXAMPLE
    )
    parser.add_argument("document", type=Path, metavar="FILE", help="written by judge --documents")
    parser.set_defaults(command=_replay)


def _replay(options: argparse.Namespace) -> Outcome:
    try:
        result = replay(parse_document(read_bytes(options.document)))
    except NotADocument as error:
        raise Refused(f"{options.document} {error}") from error
    if result.difference is None:
        return Outcome(["same"], remarks=result.remarks, code=DONE)
    return Outcome([str(result.difference)], remarks=result.remarks, code=DIFFERENT)
