"""What every command that judges a diary file asks for, and the judging itself."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sctrial.assurance import certainty_of
from sctrial.commands.outcome import Refused
from sctrial.criteria import RuleSet, UnknownRuleSet, rule_set
from sctrial.evidence import Evidence, Protocol
from sctrial.readout import Judged
from sctrial.robustness import assess_robustness
from sctrial.scales import SCALES, ScaleCode
from sctrial.tidy import COLUMNS, TidyError, read_tidy
from sctrial.verdict import ReportOnlyWindow, judge, require_judgeable
from sctrial.windows import Several, parse_window

Value = TypeVar("Value")

FILE_FORMAT = f"""\
The file is CSV in UTF-8 with the columns {", ".join(COLUMNS)}, in any order:
  patient,date,phase,region,kind,value
  P-001,2026-03-02,baseline,target,average,7
  P-001,2026-03-11,trial,target,average,3
"""


def add_diary_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the rule set, and what the protocol of the trial fixed."""
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


def _argument(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    # argparse swallows the message of a ValueError and prints its own; the remedy is in ours.
    def parsed(text: str) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def protocol_of(options: argparse.Namespace) -> Protocol:
    """The protocol that the options describe."""
    return Protocol(options.baseline, options.window, Several(options.several), ScaleCode(options.scale))


def judge_diaries(options: argparse.Namespace) -> tuple[RuleSet, Iterator[Judged]]:
    """The rule set, and every patient of the file judged under it, in order of id. Raises Refused.

    The file has been read and found good; the patients are judged one by one as they are asked for.
    """
    protocol = protocol_of(options)
    try:
        rules = rule_set(options.rule_set)
        require_judgeable(protocol)
        patients = read_tidy(read_bytes(options.diary), scale=SCALES[protocol.scale])
    except (UnknownRuleSet, ReportOnlyWindow) as error:
        raise Refused(str(error)) from error
    except TidyError as error:
        listed = "\n".join(f"{options.diary}: {problem}" for problem in error.problems)
        raise Refused(f"nothing was judged, {len(error.problems)} to correct:\n{listed}") from error
    by_patient = ((patient, Evidence(protocol, patients[patient])) for patient in sorted(patients))
    return rules, (judge_fully(evidence, rule_set=rules, patient=patient) for patient, evidence in by_patient)


def judge_fully(evidence: Evidence, *, rule_set: RuleSet, patient: str) -> Judged:
    """The verdict with its certainty, on the trial's own windows, and its robustness."""
    verdict = judge(evidence, rule_set=rule_set)
    return Judged(
        patient,
        evidence,
        verdict,
        certainty_of(evidence, verdict=verdict, rule_set=rule_set),
        assess_robustness(evidence, rule_set=rule_set),
    )


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises Refused."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot read {path}: {error.strerror}; check the path") from error
