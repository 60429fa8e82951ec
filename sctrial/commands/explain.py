"""``explain``: every verdict of a diary file in sentences."""

import argparse
from collections.abc import Iterable, Iterator

from sctrial.commands.diaries import FILE_FORMAT, add_diary_arguments, judge_diaries
from sctrial.commands.outcome import Commands, Outcome, Refused, add_command
from sctrial.criteria import RuleSet
from sctrial.explain import explain
from sctrial.readout import NOTICE, Judged

_EXAMPLE = f"""\
example:
  python -m sctrial explain diary.csv --rule-set NORTH_PP --patient P-001

{FILE_FORMAT}"""


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(
        commands, "explain", purpose="Say each verdict in sentences to read aloud", epilog=_EXAMPLE
    )
    add_diary_arguments(parser)
    parser.add_argument("--patient", metavar="ID", help="only this patient, default all")
    parser.set_defaults(command=_explain)


def _explain(options: argparse.Namespace) -> Outcome:
    rules, judged = judge_diaries(options)
    if options.patient is None:
        return Outcome(_lines(judged, rules))
    found = [one for one in judged if one.patient == options.patient]
    if not found:
        raise Refused(f"{options.diary} has no patient {options.patient!r}; write the id as the file has it")
    return Outcome(_lines(found, rules))


def _lines(judged: Iterable[Judged], rules: RuleSet) -> Iterator[str]:
    for one in judged:
        yield from explain(one, rule_set=rules)
        yield ""
    yield from (f"Caution: {caution}" for caution in rules.cautions)
    yield NOTICE
