"""``python -m sctrial`` as a person or a script runs it: the real command in a process of its own."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sctrial import ENGINE_VERSION
from sctrial.criteria import rule_set
from sctrial.readout import NOTICE
from tests.sctrial.diaries import evidence_of, protocol
from tests.sctrial.terminal import ROOT, rows_of, sctrial, tidy, write_diary

F = Fraction


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """Three patients, in no order: B prints 50 % and fails, A is exactly 50 %, F has a zero baseline."""
    return write_diary(tmp_path)


def judged(path: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    done = sctrial("judge", path, "--json", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return {line["patient"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_one_json_object_a_line_a_patient_in_order_of_id(diary: Path) -> None:
    assert list(judged(diary, "--rule-set", "NORTH_PP")) == ["P-A", "P-B", "P-F"]


def test_the_json_says_everything_that_the_verdict_rests_on(diary: Path) -> None:
    line = judged(diary, "--rule-set", "MAC_NORIDIAN", "--window", "whole-phase")["P-B"]
    rules = rule_set("MAC_NORIDIAN")

    assert line["rule_set"] == {"id": "MAC_NORIDIAN", "version": rules.version, "digest": rules.digest}
    assert line["engine"] == ENGINE_VERSION
    assert line["windows"] == {"baseline": "last-n-days:7", "trial": "whole-phase", "several": "mean"}
    assert line["baseline"] == {
        "days": 7, "missing_days": 0, "missing_dates": [], "mean": "53/7",
        "first_day": "2026-03-02", "last_day": "2026-03-08",
    }  # fmt: skip
    assert line["trial"]["mean"] == "19/5"
    assert line["percent_reduction"] == {"exact": "2640/53", "display": "50 %", "reason": None}
    assert line["verdict"] == "not_evaluable"
    assert [(reason["criterion"], reason["code"]) for reason in line["reasons"]] == [
        ("target_pain", "threshold_not_reached"),
        ("analgesics", "analgesics_missing"),
    ]
    assert line["criteria"]["children"][0]["value"] == "49.81 %"


# fmt: off
PATIENTS = [
    # patient  NORTH_PP     MAC_NORIDIAN     exact      display          reason
    ("P-A", "not_evaluable", "met",           "50/1",    "50 %",          None),
    ("P-B", "not_met",       "not_evaluable", "2640/53", "50 %",          None),
    ("P-F", "not_evaluable", "not_evaluable", None,      "not evaluable", "baseline_zero"),
]
# fmt: on


@pytest.mark.parametrize(
    ("patient", "north", "noridian", "percent"), [(*row[:3], row[3:]) for row in PATIENTS]
)
def test_a_file_has_only_scores_so_drugs_and_satisfaction_are_not_evaluable(
    diary: Path, patient: str, north: str, noridian: str, percent: tuple[str | None, ...]
) -> None:
    for rules, answer in (("NORTH_PP", north), ("MAC_NORIDIAN", noridian)):
        line = judged(diary, "--rule-set", rules, "--window", "whole-phase")[patient]

        assert line["verdict"] == answer
        assert tuple(line["percent_reduction"].values()) == percent


def test_the_default_windows_are_seven_and_three_days(diary: Path) -> None:
    line = judged(diary, "--rule-set", "NORTH_PP")["P-A"]

    assert line["windows"] == {"baseline": "last-n-days:7", "trial": "last-n-days:3", "several": "mean"}
    assert line["trial"]["mean"] == "11/3"


def test_the_evidence_digest_is_that_of_the_core(diary: Path) -> None:
    expected = evidence_of(
        "7 7 6 8 7 7 7", "3 4 4 3", under=protocol(baseline="last-n-days:7", trial="last-n-days:3")
    )

    line = judged(diary, "--rule-set", "NORTH_PP")["P-A"]

    assert line["evidence_digest"] == expected.digest


def test_a_patient_without_a_trial_diary_is_shown_with_nulls(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(tidy(("P1", "2026-03-02", "baseline", "target", "average", "7")))

    line = judged(path, "--rule-set", "NORTH_PP")["P1"]

    assert line["trial"] == {
        "days": 0, "missing_days": 3, "missing_dates": [], "mean": None, "first_day": None, "last_day": None
    }  # fmt: skip
    assert line["percent_reduction"] == {"exact": None, "display": "not evaluable", "reason": "trial_missing"}
    assert line["baseline"]["missing_dates"] == [
        "2026-02-24", "2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"
    ]  # fmt: skip


@pytest.mark.parametrize(("several", "mean"), [("mean", F(6 + 2 + 1, 3)), ("first", F(6)), ("last", F(1))])
def test_several_scores_a_day_are_read_as_asked(tmp_path: Path, several: str, mean: F) -> None:
    path = tmp_path / "d.csv"
    day = ("P1", "2026-03-10", "trial", "target", "average")
    path.write_text(tidy(*rows_of("P1", evidence_of("8", "-")), (*day, "6"), (*day, "2"), (*day, "1")))

    line = judged(path, "--rule-set", "NORTH_PP", "--several", several)["P1"]

    assert line["trial"]["mean"] == f"{mean.numerator}/{mean.denominator}"


def test_without_json_there_is_a_table_and_the_notice(diary: Path) -> None:
    done = sctrial("judge", diary, "--rule-set", "NORTH_PP", "--window", "whole-phase")
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert "P-B not met 50 % 7.57 7 0 3.80 5 0" in [" ".join(line.split()) for line in lines]
    assert any("fell by 49.81 %, from 7.57 to 3.80" in line for line in lines)
    assert lines[-1] == NOTICE


def test_a_bad_file_gives_every_fault_on_standard_error_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    good = ("P1", "2026-03-02", "baseline", "target", "average", "7")
    path.write_text(tidy(good, (*good[:5], "11"), (*good[:4], "mood", "7")))

    for extra in ((), ("--json",)):
        done = sctrial("judge", path, "--rule-set", "NORTH_PP", *extra)

        assert (done.returncode, done.stdout) == (2, "")
        assert f"{path}: line 3, column value: 11 is outside" in done.stderr
        assert f"{path}: line 4, column kind: 'mood' is not known" in done.stderr


# fmt: off
WRONG_USES = [
    (("--rule-set", "NORTH"),                               "no rule set 'NORTH'; known are: "),
    (("--rule-set", "NORTH_PP", "--window", "best-day"),    "'best-day' picks the day by its result"),
    (("--rule-set", "NORTH_PP", "--baseline", "best-day"),  "may be reported but not judged"),
    (("--rule-set", "NORTH_PP", "--window", "3"),           "'3' is not a window; write one of: last"),
    (("--rule-set", "NORTH_PP", "--several", "median"),     "invalid choice"),
    (("--rule-set", "NORTH_PP", "--scale", "nrs_10"),       "invalid choice"),
    (("--rule-set", "NORTH_PP", "--js"),                    "unrecognized arguments"),
    ((),                                                    "--rule-set"),
]
# fmt: on


@pytest.mark.parametrize(("arguments", "message"), WRONG_USES)
def test_a_wrong_use_is_refused_with_code_two_and_no_output(
    diary: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = sctrial("judge", diary, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "message"), [("absent.csv", "No such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    done = sctrial("judge", tmp_path / name, "--rule-set", "NORTH_PP")

    assert (done.returncode, done.stdout) == (2, "")
    assert f"cannot read {tmp_path / name}: {message}" in done.stderr


def test_the_declared_scale_is_kept_to(diary: Path) -> None:
    done = sctrial("judge", diary, "--rule-set", "NORTH_PP", "--scale", "myaiguide_symptom")

    assert done.returncode == 2
    assert "0 is outside the MyAIGuide symptom scale" in done.stderr


def test_ids_of_any_script_pass_through_whatever_the_locale(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(tidy(("患者 é", "2026-03-02", "baseline", "target", "average", "7")), encoding="utf-8")
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    table = sctrial("judge", path, "--rule-set", "NORTH_PP", env=environment)
    line = sctrial("judge", path, "--rule-set", "NORTH_PP", "--json", env=environment)

    assert "患者 é" in table.stdout
    assert json.loads(line.stdout)["patient"] == "患者 é"


def test_a_reader_that_goes_away_leaves_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    cells = ("2026-03-02", "baseline", "target", "average", "7")
    path.write_text(tidy(*((f"P{number}", *cells) for number in range(2000))))
    command = f"{sys.executable} -S -m sctrial judge {path} --rule-set NORTH_PP | head -n 1"

    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_reported(diary: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-S", "-m", "sctrial", "judge", diary, "--rule-set", "NORTH_PP"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == "cannot write the output: No space left on device\n"


COMMANDS = ("judge", "explain", "replay", "rules", "simulate", "columns", "trail")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_the_notice(command: str) -> None:
    done = sctrial(command, "--help")

    assert done.returncode == 0
    assert f"python -m sctrial {command}" in done.stdout.split("example:")[1]
    assert NOTICE in done.stdout


def test_the_help_lists_every_command() -> None:
    done = sctrial("--help")

    assert [line.split()[0] for line in done.stdout.splitlines() if line.startswith("    ")] == list(COMMANDS)
    assert NOTICE in done.stdout


def test_the_json_carries_certainty_and_robustness(diary: Path) -> None:
    line = judged(diary, "--rule-set", "MAC_NORIDIAN", "--window", "whole-phase")["P-A"]
    low, high = line["certainty"]["interval_90"]

    assert low < 50 < high
    assert 0 < line["certainty"]["probability"] < 1
    assert line["certainty"]["threshold"] == "1/2"
    counts = [line["robustness"][answer] for answer in ("met", "not_met", "not_evaluable")]
    assert sum(counts) == line["robustness"]["of"] == 48
    assert "analyses" not in line["robustness"]


def test_without_a_figure_certainty_says_why(diary: Path) -> None:
    line = judged(diary, "--rule-set", "NORTH_PP")["P-F"]

    assert (line["certainty"]["interval_90"], line["certainty"]["probability"]) == (None, None)
    assert line["certainty"]["reason"] == "baseline_zero"


def test_every_analysis_is_listed_when_asked_for(diary: Path) -> None:
    robustness = judged(diary, "--rule-set", "MAC_NORIDIAN", "--analyses")["P-A"]["robustness"]

    answers = [analysis["answer"] for analysis in robustness["analyses"]]
    assert len(answers) == robustness["of"]
    assert answers.count("met") == robustness["met"]


def test_certainty_is_about_the_threshold_of_the_rule(diary: Path) -> None:
    half = judged(diary, "--rule-set", "IMMPACT_50")["P-A"]["certainty"]
    third = judged(diary, "--rule-set", "IMMPACT_30")["P-A"]["certainty"]
    none = judged(diary, "--rule-set", "REMITTER")["P-A"]["certainty"]

    assert (half["threshold"], third["threshold"], none["threshold"]) == ("1/2", "3/10", "1/2")
    assert half["interval_90"] == third["interval_90"]
    assert half["probability"] < third["probability"]


def test_the_table_has_one_line_each_for_certainty_and_robustness(diary: Path) -> None:
    lines = sctrial("judge", diary, "--rule-set", "NORTH_PP").stdout.splitlines()

    for word in ("Certainty", "Robustness"):
        assert len([line for line in lines if line.startswith(f"  {word}: ")]) == 3


def test_nothing_but_the_standard_library_is_imported(diary: Path) -> None:
    # Without -S, so that a stray import of an installed package would succeed and be seen.
    script = (
        "import sys; before = set(sys.modules)\n"
        "from sctrial.cli import main\n"
        f"main(['judge', {str(diary)!r}, '--rule-set', 'NORTH_PP', '--json'])\n"
        "loaded = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(loaded - set(sys.stdlib_module_names)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stderr.split() == ["sctrial"]
