"""The command line: ``python -m sctrial judge DIARY.csv --rule-set ID`` and ``python -m sctrial rules``."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from sctrial import ENGINE_VERSION, __version__
from sctrial.criteria import UnknownRuleSet, rule_set, rule_sets
from sctrial.evidence import Evidence, Protocol
from sctrial.readout import NOTICE, Judged, json_line, report
from sctrial.scales import SCALES, ScaleCode
from sctrial.tidy import COLUMNS, TidyError, read_tidy
from sctrial.verdict import ReportOnlyWindow, judge, require_judgeable
from sctrial.windows import Several, parse_window

Value = TypeVar("Value")

_REFUSED = 2
_NOT_WRITTEN = 1

_EXAMPLE = f"""\
example:
  python -m sctrial judge diary.csv --rule-set NORTH_PP --window last-n-days:3 --json

The file is CSV in UTF-8 with the columns {", ".join(COLUMNS)}, in any order:
  patient,date,phase,region,kind,value
  P-001,2026-03-02,baseline,target,average,7
  P-001,2026-03-11,trial,target,average,3

Exit code 0: every patient was judged. 2: nothing was judged, standard error says why.
{NOTICE}"""


class Refused(Exception):
    """Input that cannot be judged; the message is for the person at the terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 input refused, 1 output could not be written."""
    options = _parser().parse_args(arguments)
    try:
        lines = list(options.command(options))
    except Refused as refused:
        print(f"{options.prog}: {refused}", file=sys.stderr)
        return _REFUSED
    return _write(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sctrial",
        description="Outcome of a spinal cord stimulation trial.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{__version__} (engine {ENGINE_VERSION})")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_judge(commands)
    rules = commands.add_parser("rules", help="list the rule sets in force", allow_abbrev=False)
    rules.set_defaults(command=_rules, prog=rules.prog)
    return parser


def _add_judge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "judge",
        help="judge every patient of a tidy diary file",
        description="Judge every patient of a tidy diary file under one rule set.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    window = _argument(parse_window)
    parser.add_argument("diary", type=Path, metavar="DIARY.csv", help="the tidy file")
    parser.add_argument("--rule-set", required=True, metavar="ID", help="see: python -m sctrial rules")
    parser.add_argument(
        "--baseline", type=window, default="last-n-days:7", metavar="WINDOW", help="default %(default)s"
    )
    parser.add_argument(
        "--window",
        type=window,
        default="last-n-days:3",
        metavar="WINDOW",
        help="trial days, default %(default)s",
    )
    parser.add_argument(
        "--several",
        choices=[several.value for several in Several],
        default=Several.MEAN.value,
        help="which score counts on a day with several, default %(default)s",
    )
    parser.add_argument(
        "--scale",
        choices=[code.value for code in ScaleCode],
        default=ScaleCode.NUMERIC_0_10.value,
        help="the scale of the column value, default %(default)s",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line a patient")
    parser.set_defaults(command=_judge, prog=parser.prog)


def _argument(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    # argparse swallows the message of a ValueError and prints its own; the remedy is in ours.
    def parsed(text: str) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _judge(options: argparse.Namespace) -> Iterator[str]:
    protocol = Protocol(options.baseline, options.window, Several(options.several), ScaleCode(options.scale))
    try:
        rules = rule_set(options.rule_set)
        require_judgeable(protocol)
        patients = read_tidy(options.diary.read_bytes(), scale=SCALES[protocol.scale])
    except (UnknownRuleSet, ReportOnlyWindow) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"cannot read {options.diary}: {error.strerror}; check the path") from error
    except TidyError as error:
        listed = "\n".join(f"{options.diary}: {problem}" for problem in error.problems)
        raise Refused(f"nothing was judged, {len(error.problems)} to correct:\n{listed}") from error
    judged = []
    for patient, entries in sorted(patients.items()):
        evidence = Evidence(protocol, entries)
        judged.append(Judged(patient, evidence, judge(evidence, rule_set=rules)))
    if options.json:
        return (json_line(one, rule_set=rules) for one in judged)
    return report(judged, rule_set=rules, protocol=protocol)


def _rules(_options: argparse.Namespace) -> Iterator[str]:
    return (f"{rules.id}  {rules.version}  {rules.title}" for rules in rule_sets().values())


def _write(lines: Sequence[str]) -> int:
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
        print(f"cannot write the output: {error.strerror}", file=sys.stderr)
        return _NOT_WRITTEN
    return 0


def _drop_output() -> None:
    # The interpreter flushes standard output once more on its way out and would complain again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
