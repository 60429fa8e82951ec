"""The command line: ``python -m sctrial`` with judge, explain, replay, rules, simulate, columns and trail."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence

from sctrial import ENGINE_VERSION, __version__
from sctrial.commands import columns, explain, judge, replay, rules, simulate, trail
from sctrial.commands.outcome import REFUSED, Refused
from sctrial.readout import NOTICE

_NOT_WRITTEN = 1

_EXAMPLE = f"""\
example:
  python -m sctrial judge diary.csv --rule-set NORTH_PP

Each command has its own help with an example: python -m sctrial judge --help
{NOTICE}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 a replay differs, or output could not be written; 2 input refused.
    """
    options = _parser().parse_args(arguments)
    try:
        outcome = options.command(options)
        lines = list(outcome.lines)
    except Refused as refused:
        _say(f"{options.prog}: {refused}")
        return REFUSED
    for remark in outcome.remarks:
        _say(remark)
    return _write(lines) or outcome.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sctrial",
        description="Outcome of a spinal cord stimulation trial.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{__version__} (engine {ENGINE_VERSION})")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (judge, explain, replay, rules, simulate, columns, trail):
        command.add(commands)
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _write(lines: Iterable[str]) -> int:
    try:
        # Ids may be in any script, whatever encoding the terminal was started with.
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return _NOT_WRITTEN
    except OSError as error:
        _drop_output()
        _say(f"cannot write the output: {error.strerror}")
        return _NOT_WRITTEN
    return 0


def _drop_output() -> None:
    # The interpreter flushes standard output once more on its way out and would complain again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
