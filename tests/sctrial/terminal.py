"""The real command in a process of its own, and diary files as a clinic would write them."""

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

from sctrial.evidence import Evidence
from sctrial.tidy import COLUMNS
from tests.sctrial.diaries import evidence_of

ROOT = Path(__file__).parents[2]


def sctrial(
    *arguments: str | Path, python: str = sys.executable, **settings: Any
) -> subprocess.CompletedProcess[str]:
    # -S leaves out every installed package: what runs here runs on the standard library alone.
    return subprocess.run(
        [python, "-S", "-m", "sctrial", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **settings,
    )  # fmt: skip


def rows_of(patient: str, evidence: Evidence) -> list[tuple[str, ...]]:
    return [
        (patient, entry.day.isoformat(), entry.phase, entry.region, entry.kind, f"{float(entry.value):g}")
        for entry in evidence.entries
    ]


def tidy(*rows: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    return out.getvalue()


def write_diary(folder: Path) -> Path:
    """Three patients, in no order: B prints 50 % and fails, A is exactly 50 %, F has a zero baseline."""
    path = folder / "diary.csv"
    path.write_text(
        tidy(
            *rows_of("P-B", evidence_of("8 7 8 7 8 7 8", "4 4 3 4 4")),
            *rows_of("P-F", evidence_of("0 0 0 0 0 0 0", "3 4")),
            *rows_of("P-A", evidence_of("7 7 6 8 7 7 7", "3 4 4 3")),
        ),
        encoding="utf-8",
    )
    return path
