"""Tables on their way out: what identifies is left out, moved or hidden, column by column."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

import pandas as pd

from sctrial.dictionary import Column, Identifying, Kind, Table
from sctrial.disclosure import SMALLEST_SHOWN, find_rare

PERSON: Final = "study_id"
#: Stands for a value that too few people share.
HIDDEN: Final = "hidden"


class Form(StrEnum):
    """How days and people are told."""

    #: Study days only: no calendar day at all.
    STUDY_DAYS = "study_days"
    #: Calendar days, moved by whole weeks, every person by their own number of them.
    SHIFTED = "shifted"
    #: Pseudonyms, ids and real days. Never a name, a birth date or anybody's own words: no table has them.
    IDENTIFIED = "identified"


class TooFew(ValueError):
    """A cohort too small to hide anybody in; the message says how many people it takes."""


_KEPT: Final[Mapping[Form, frozenset[Identifying]]] = {
    Form.STUDY_DAYS: frozenset({Identifying.NO, Identifying.RARE}),
    Form.SHIFTED: frozenset({Identifying.NO, Identifying.RARE, Identifying.DATE}),
    Form.IDENTIFIED: frozenset(Identifying),
}


def columns_of(table: Table, *, form: Form) -> tuple[Column, ...]:
    """The columns that ``table`` has in ``form``, in their order."""
    return tuple(column for column in table.columns if column.identifying in _KEPT[form])


def deidentify(
    tables: Mapping[str, pd.DataFrame],
    *,
    dictionary: Mapping[str, Table],
    form: Form,
    shift: Callable[[str], timedelta],
) -> dict[str, pd.DataFrame]:
    """``tables`` in ``form``; each has a column ``study_id``, ``shift`` is how far a person's days move.

    A rare value is hidden in every table where its column stands, counted over all of them, so that no table
    tells what another hides. Raises TooFew below five people, except for identified files.
    """
    if form is not Form.IDENTIFIED:
        _require_enough(tables)
    hidden = {} if form is Form.IDENTIFIED else _rare_values(tables, dictionary)
    return {
        name: _in_form(frame, dictionary[name], form=form, hidden=hidden, shift=shift)
        for name, frame in tables.items()
    }


def _require_enough(tables: Mapping[str, pd.DataFrame]) -> None:
    people = {str(person) for frame in tables.values() for person in frame[PERSON].unique()}
    if len(people) < SMALLEST_SHOWN:
        raise TooFew(
            f"the question means {len(people)} patients; a de-identified table needs at least "
            f"{SMALLEST_SHOWN}: ask for more"
        )


def _rare_values(
    tables: Mapping[str, pd.DataFrame], dictionary: Mapping[str, Table]
) -> dict[str, frozenset[str]]:
    pairs: dict[str, set[tuple[str, str]]] = {}
    for name, frame in tables.items():
        for column in _rare_columns(dictionary[name]):
            known = frame[[PERSON, column.name]].drop_duplicates()
            pairs.setdefault(column.name, set()).update(known.itertuples(index=False, name=None))
    return {column: find_rare(found) for column, found in pairs.items()}


def _rare_columns(table: Table) -> Iterator[Column]:
    return (column for column in table.columns if column.identifying is Identifying.RARE)


def _in_form(
    frame: pd.DataFrame,
    table: Table,
    *,
    form: Form,
    hidden: Mapping[str, frozenset[str]],
    shift: Callable[[str], timedelta],
) -> pd.DataFrame:
    columns = columns_of(table, form=form)
    told = frame[[column.name for column in columns]].copy()
    for column in columns:
        if column.identifying is Identifying.RARE and column.name in hidden:
            is_hidden = told[column.name].isin(hidden[column.name])
            told[column.name] = told[column.name].mask(is_hidden, HIDDEN)
    if form is Form.SHIFTED:
        weeks = {person: shift(person) for person in told[PERSON].unique()}
        shifts = told[PERSON].map(weeks).astype("timedelta64[s]")
        for column in columns:
            if column.type is Kind.DATE:
                told[column.name] = (told[column.name] + shifts).astype("datetime64[s]")
    return told.sort_values(list(table.key), kind="stable", ignore_index=True)
