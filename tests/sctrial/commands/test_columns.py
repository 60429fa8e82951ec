"""``python -m sctrial columns``."""

import csv
from pathlib import Path

import pytest

from sctrial.cli import main
from sctrial.redcap import HEADER


def test_it_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["columns"]) == 0
    page = Path(__file__).resolve().parents[3] / "docs" / "dictionary.md"
    assert capsys.readouterr().out == page.read_text(encoding="utf-8")


def test_it_prints_what_redcap_imports(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["columns", "--redcap"]) == 0
    header, *rows = csv.reader(capsys.readouterr().out.splitlines())
    assert tuple(header) == HEADER
    assert {len(row) for row in rows} == {18}
