"""``judge``: every patient of a diary file under one rule set."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from sctrial.commands.diaries import FILE_FORMAT, add_diary_arguments, judge_diaries, protocol_of
from sctrial.commands.outcome import Commands, Outcome, Refused, add_command
from sctrial.criteria import RuleSet
from sctrial.decision import compose, document_bytes, shipped_content
from sctrial.readout import Judged, json_line, report

_EXAMPLE = f"""\
example:
  python -m sctrial judge diary.csv --rule-set NORTH_PP --window last-n-days:3 --json

{FILE_FORMAT}
Exit code 0: every patient was judged. 2: nothing was judged, standard error says why."""


def add(commands: Commands) -> None:
    """Describe the command."""
    parser = add_command(
        commands, "judge", purpose="Judge every patient of a tidy diary file", epilog=_EXAMPLE
    )
    add_diary_arguments(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line a patient")
    parser.add_argument(
        "--analyses", action="store_true", help="with --json: list every analysis of robustness"
    )
    parser.add_argument(
        "--documents",
        type=Path,
        metavar="DIR",
        help="also write a sealed decision document a patient into this folder, for replay",
    )
    parser.set_defaults(command=_judge)


def _judge(options: argparse.Namespace) -> Outcome:
    rules, judged = judge_diaries(options)
    if options.documents is not None:
        judged = _documented(judged, rules=rules, folder=options.documents)
    if options.json:
        return Outcome(json_line(one, rule_set=rules, analyses=options.analyses) for one in judged)
    return Outcome(report(judged, rule_set=rules, protocol=protocol_of(options)))


def _documented(judged: Iterable[Judged], *, rules: RuleSet, folder: Path) -> Iterator[Judged]:
    content = shipped_content(rules)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in judged:
            document = compose(one.evidence, rule_content=content, subject=one.patient)
            _write_once(folder / document_name(one.patient), document_bytes(document))
            yield one
    except OSError as error:
        raise Refused(f"cannot write {error.filename}: {error.strerror}") from error


def document_name(patient: str) -> str:
    """A file name for any id: what a folder or another system could misread stands as %XX."""
    return f"{quote(patient, safe='')}.json"


def _write_once(path: Path, data: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        # Sealed means sealed: the same bytes may be written again, other bytes never over them.
        if path.read_bytes() != data:
            raise Refused(
                f"{path} is another decision document; move it away or choose another folder"
            ) from None
