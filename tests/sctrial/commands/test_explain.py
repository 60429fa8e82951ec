"""``explain`` at the terminal."""

from pathlib import Path

import pytest

from sctrial.readout import NOTICE
from tests.sctrial.terminal import sctrial, write_diary


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return write_diary(tmp_path)


def test_every_patient_is_explained_and_the_notice_comes_last(diary: Path) -> None:
    done = sctrial("explain", diary, "--rule-set", "NORTH_PP")
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert [line[:3] for line in lines if ", judged by the rule " in line] == ["P-A", "P-B", "P-F"]
    assert lines[-1] == NOTICE


def test_one_patient_may_be_asked_for(diary: Path) -> None:
    lines = sctrial("explain", diary, "--rule-set", "NORTH_PP", "--patient", "P-B").stdout.splitlines()

    assert [line[:3] for line in lines if ", judged by the rule " in line] == ["P-B"]


def test_a_patient_who_is_not_in_the_file_is_refused(diary: Path) -> None:
    done = sctrial("explain", diary, "--rule-set", "NORTH_PP", "--patient", "P-Z")

    assert (done.returncode, done.stdout) == (2, "")
    assert "has no patient 'P-Z'" in done.stderr


def test_a_bad_file_is_refused_as_by_judge(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("patient,date\n")

    done = sctrial("explain", path, "--rule-set", "NORTH_PP")

    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing was judged" in done.stderr
