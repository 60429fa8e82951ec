"""A small file and a mapping for it, to be changed where a test needs it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.accounts.models import Clinic
from apps.diary.importing.mapping import read_mapping
from apps.diary.importing.report import ImportReport
from apps.diary.imports import import_diary
from tests.factories import NOW

MAPPING = """
patient = "P-7"
zone = "Europe/Berlin"
scale = "nrs_11"
kind = "average"
instrument_version = "paper-nrs/1"
duplicates = "skip"

[columns]
name = "name"
score = "score"
date = "day"
date_form = "YYYY-MM-DD"

[regions]
"Left leg" = "target"
Back = "back"

[skip]
happiness = "mood, not pain"

[trial]
create = true
modality = "SCS"
target_area = "Left leg"
rule_set = "NORTH_PP"
baseline_days = 2
baseline_window = "last-n-days:7"
trial_window = "last-n-days:3"
"""
HEADER = "name,day,score\n"
ROWS = """\
Left leg,2026-10-01,8
Left leg,2026-10-02,6
happiness,2026-10-02,9
Left leg,2026-10-03,3
Back,2026-10-03,5
"""
CSV = HEADER + ROWS


def changed(text: str, changes: Mapping[str, str]) -> str:
    """``text`` with each key replaced; a key that is not there is a slip in the test."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def write(folder: Path, content: str | bytes, *, name: str = "diary.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def load(
    path: Path, *, clinic: Clinic, mapping: Mapping[str, str] | None = None, **options: Any
) -> ImportReport:
    """Import ``path`` with the mapping above, changed as asked."""
    read = read_mapping(changed(MAPPING, mapping or {}), origin="mapping.toml")
    return import_diary(path, clinic=clinic, mapping=read, by="job:test", at=NOW, **options)
