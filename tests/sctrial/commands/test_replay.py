"""``judge --documents`` and ``replay``, end to end and on every interpreter that is there."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sctrial.commands.judge import document_name
from tests.sctrial.terminal import sctrial, tidy, write_diary

VERSIONS = ("3.11", "3.12", "3.13")
RULES = ("--rule-set", "NORTH_PP", "--window", "whole-phase")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents of the three patients of the diary."""
    folder = tmp_path / "new" / "documents"
    done = sctrial("judge", write_diary(tmp_path), *RULES, "--documents", folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_one_document_a_patient_is_written_and_each_replays_the_same(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["P-A.json", "P-B.json", "P-F.json"]

    for path in folder.iterdir():
        done = sctrial("replay", path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "same\n", "")


def test_a_changed_document_gives_code_one_and_the_first_difference(folder: Path) -> None:
    path = folder / "P-B.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["verdict"]["answer"] = "met"
    path.write_text(json.dumps(content), encoding="utf-8")

    done = sctrial("replay", path)

    assert done.returncode == 1
    assert done.stdout == '/verdict/answer: sealed "met", recomputed "not_met"\n'


def test_a_document_of_another_engine_is_said_to_be_one(folder: Path) -> None:
    path = folder / "P-B.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, "engine": "900"}), encoding="utf-8")

    done = sctrial("replay", path)

    assert done.returncode == 1
    assert done.stdout.startswith('/engine: sealed "900", recomputed ')
    assert "Sealed under engine 900, which this edition" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "is not a document of the format"),
        ("patient,date", "is not a decision document"),
        ("", "is not"),
    ],
)
def test_what_is_no_document_gives_code_two(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)

    done = sctrial("replay", path)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{path} {message}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_gives_code_two(tmp_path: Path) -> None:
    done = sctrial("replay", tmp_path / "absent.json")

    assert (done.returncode, done.stdout) == (2, "")
    assert "No such file" in done.stderr


def test_writing_the_same_documents_again_is_harmless_and_others_never_overwrite(
    folder: Path, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.csv"

    again = sctrial("judge", diary, *RULES, "--documents", folder)
    other = sctrial("judge", diary, "--rule-set", "MAC_NORIDIAN", "--documents", folder)

    assert again.returncode == 0
    assert (other.returncode, other.stdout) == (2, "")
    assert "P-A.json is another decision document" in other.stderr
    assert sctrial("replay", folder / "P-A.json").stdout == "same\n"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    diary = write_diary(tmp_path)

    done = sctrial("judge", diary, *RULES, "--documents", diary / "inside-a-file")

    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot write" in done.stderr


# fmt: off
NAMES = [
    ("P-001",     "P-001.json"),
    ("a/b",       "a%2Fb.json"),
    ("../../x",   "..%2F..%2Fx.json"),
    ("\u60a3\u8005", "%E6%82%A3%E8%80%85.json"),
    ("C:x",       "C%3Ax.json"),
]
# fmt: on


@pytest.mark.parametrize(("patient", "name"), NAMES)
def test_no_id_can_leave_the_folder(patient: str, name: str) -> None:
    assert document_name(patient) == name


def interpreter(version: str) -> str:
    """A Python of that version which really runs; skips the test when there is none."""
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(installed.glob(f"{version}.*/bin/python"))]
    for candidate in (str(found) for found in candidates if found is not None):
        asked = subprocess.run([candidate, "-V"], capture_output=True, text=True, timeout=30, check=False)
        if asked.stdout.startswith(f"Python {version}."):
            return candidate
    pytest.skip(f"there is no Python {version} on this machine")


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_are_the_same_bytes_on_every_python(version: str, folder: Path, tmp_path: Path) -> None:
    python, written = interpreter(version), tmp_path / "elsewhere"

    done = sctrial("judge", tmp_path / "diary.csv", *RULES, "--documents", written, python=python)

    assert done.returncode == 0
    assert sums(written) == sums(folder)
    assert sctrial("replay", folder / "P-B.json", python=python).stdout == "same\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_whole_json_is_the_same_bytes_on_every_python(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    made_up = ("simulate", "--patients", "20", "--seed", "7", "--missing", "10%")
    path = tmp_path / "made-up.csv"
    path.write_text(sctrial(*made_up).stdout, encoding="utf-8")

    there = sctrial("judge", path, "--rule-set", "IMMPACT_50", "--json", "--analyses", python=python)
    here = sctrial("judge", path, "--rule-set", "IMMPACT_50", "--json", "--analyses")

    assert sctrial(*made_up, python=python).stdout == path.read_text(encoding="utf-8")
    assert there.stdout == here.stdout != ""


def test_ids_that_differ_in_blanks_only_are_two_documents(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    row = ("2026-03-02", "baseline", "target", "average", "7")
    path.write_text(tidy(("P 1", *row), ("P+1", *row), ("P%201", *row)))

    assert sctrial("judge", path, *RULES, "--documents", tmp_path / "out").returncode == 0

    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "P%201.json",
        "P%25201.json",
        "P%2B1.json",
    ]
