"""The only door from rows to pandas: the tables of a question, with the columns of the data dictionary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import pandas as pd

from apps.cohorts.cohort import Cohort
from apps.cohorts.diary_rows import daily_rows, entry_rows, expected_rows
from apps.cohorts.outcome_rows import assessment_rows, decision_rows, event_rows
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import trials_of
from apps.cohorts.trial_rows import subject_rows, trial_rows
from apps.reading import one_reading
from apps.workspace.permissions import Access
from sctrial.dictionary import Kind, Table, read_dictionary

Rows = Iterable[Mapping[str, Any]]
#: How pandas holds each kind; text is plain Python text, "" where it is missing.
DTYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "object",
    Kind.INTEGER: "Int64",
    Kind.NUMBER: "float64",
    Kind.DATE: "datetime64[s]",
    Kind.FLAG: "boolean",
}
READERS: Final[Mapping[str, Callable[[Cohort], Rows]]] = {
    "subjects": subject_rows,
    "trials": trial_rows,
    "entries": entry_rows,
    "daily": daily_rows,
    "assessments": assessment_rows,
    "decisions": decision_rows,
    "events": event_rows,
    "expected": expected_rows,
}


def tables_of(
    question: CohortQuestion, *, access: Access, at: datetime, names: Sequence[str] = tuple(READERS)
) -> dict[str, pd.DataFrame]:
    """The tables asked for, with pseudonyms and real days: for use inside the house.

    What leaves it goes through ``apps.cohorts.leaving``. Raises BadQuestion. ``at`` says which windows of the
    diary are over.
    """
    with one_reading():
        return frames_of(read_cohort(question, access=access, at=at), names=names)


def read_cohort(question: CohortQuestion, *, access: Access, at: datetime) -> Cohort:
    """Raises BadQuestion."""
    return Cohort.read(question, trials_of(question, access=access), at=at)


def frames_of(cohort: Cohort, *, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    return {name: frame_of(READERS[name](cohort), table=read_dictionary()[name]) for name in names}


def records_of(cohort: Cohort, *, name: str) -> list[dict[str, Any]]:
    """The rows of one of the tables as its frame has them, a dict each, None where nothing is known."""
    table = read_dictionary()[name]
    columns = [column.name for column in table.columns]
    rows = [{column: row[column] for column in columns} for row in READERS[name](cohort)]
    return sorted(rows, key=itemgetter(*table.key))


def frame_of(rows: Rows, *, table: Table) -> pd.DataFrame:
    """``rows`` in the order of the table's key, with its columns and types. Raises KeyError."""
    columns = [column.name for column in table.columns]
    values = [[row[name] for name in columns] for row in rows]
    frame = pd.DataFrame(values, columns=columns, dtype="object")
    typed = frame.astype({column.name: DTYPES[column.type] for column in table.columns})
    return typed.sort_values(list(table.key), kind="stable", ignore_index=True)
