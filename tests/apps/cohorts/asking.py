"""How the tests of this app ask: as an analyst of one clinic, after every window has closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from apps.accounts.models import Clinic, Role
from apps.cohorts.frames import tables_of
from apps.cohorts.question import read_question
from apps.workspace.permissions import Access
from tests.factories.deciding import SIGNING


def access_to(*clinics: Clinic, role: Role = Role.ANALYST) -> Access:
    return Access({clinic.pk: role for clinic in clinics})


def table(name: str, clinic: Clinic, text: str = "", *, at: datetime = SIGNING) -> pd.DataFrame:
    return tables_of(read_question(text), access=access_to(clinic), at=at, names=[name])[name]


def rows(name: str, clinic: Clinic, text: str = "", *, at: datetime = SIGNING) -> list[dict[str, Any]]:
    """The rows of a table; what is missing is None."""
    frame = table(name, clinic, text, at=at)
    return [
        {str(column): None if pd.isna(value) else value for column, value in row.items()}
        for row in frame.astype("object").to_dict("records")
    ]


def shown(row: Mapping[str, Any], *columns: str) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)
