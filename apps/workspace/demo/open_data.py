"""The seven open diaries of data/myaiguide, imported by the same service as any other file."""

from datetime import datetime
from pathlib import Path
from random import Random

from django.conf import settings

from apps.accounts.models import Clinic
from apps.diary.importing.mapping import read_mapping
from apps.diary.imports import import_diary
from apps.patients.models import Patient
from apps.workspace.demo.cast import ACTOR
from apps.workspace.demo.telling import random_id


def open_diaries() -> list[Path]:
    return sorted((Path(settings.BASE_DIR) / "data" / "myaiguide").glob("*.csv"))


def import_open_diary(path: Path, *, clinic: Clinic, seed: int, at: datetime) -> bool:
    """Whether the diary was imported; one that is there already stays as it is."""
    mapping_file = path.with_suffix(".toml")
    mapping = read_mapping(mapping_file.read_text(encoding="utf-8"), origin=mapping_file.name)
    if Patient.objects.filter(clinic=clinic, pseudonym=mapping.patient).exists():
        return False
    rng = Random(f"{seed}/{path.name}")  # noqa: S311 — ids of demo rows, nothing secret
    import_diary(path, clinic=clinic, mapping=mapping, by=ACTOR, at=at, new_id=lambda: random_id(rng))
    return True
