"""What a command hands back, and how it refuses."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from sctrial.readout import NOTICE

# As text: argparse's class takes a parameter only in the eyes of a type checker.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

DONE = 0
DIFFERENT = 1
REFUSED = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """Lines for standard output, remarks for standard error, and the exit code."""

    lines: Iterable[str]
    remarks: Iterable[str] = ()
    code: int = DONE


class Refused(Exception):
    """Input that cannot be used; the message is for the person at the terminal."""


def add_command(commands: "Commands", name: str, *, purpose: str, epilog: str) -> argparse.ArgumentParser:
    """A parser for the command ``name`` whose help ends with an example and the notice."""
    parser = commands.add_parser(
        name,
        help=purpose[0].lower() + purpose[1:],
        description=f"{purpose}.",
        epilog=f"{epilog}\n{NOTICE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(prog=parser.prog)
    return parser
