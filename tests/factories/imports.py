"""Diary files that wait for a second person."""

from datetime import datetime
from typing import Any

from apps.accounts.models import Clinic, Role, User
from apps.diary.models import ImportProposal
from apps.diary.proposing import Given, propose_import
from tests.apps.diary.imported import CSV, MAPPING
from tests.factories.rules import member
from tests.factories.trials import NOW

SOURCE = "paper diary, typed on 9 October"


def given(content: str | bytes = CSV, mapping: str | bytes = MAPPING, *, name: str = "diary.csv") -> Given:
    return Given(name, _bytes(content), "mapping.toml", _bytes(mapping))


def make_import_proposal(
    clinic: Clinic, *, by: User | None = None, at: datetime = NOW, **files: Any
) -> ImportProposal:
    """Proposed by a coordinator of the clinic who is nobody else in the test."""
    proposer = by or member(clinic, Role.COORDINATOR, name="importer")
    return propose_import(given(**files), clinic=clinic, source=SOURCE, by=proposer, at=at)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
