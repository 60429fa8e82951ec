"""Every exported column is in the data dictionary, and every column of the dictionary is exported."""

from datetime import timedelta

import pytest

from apps.accounts.models import Clinic, User
from apps.cohorts.cohort import Cohort
from apps.cohorts.frames import READERS, tables_of
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import trials_of
from apps.outcomes.deciding import sign_decision
from sctrial.choices import Choice
from sctrial.deidentify_tables import Form, columns_of, deidentify
from sctrial.dictionary import read_dictionary
from tests.apps.cohorts.asking import access_to
from tests.factories import make_event
from tests.factories.deciding import SIGNING, hand_of, make_waiting

EVERYTHING = CohortQuestion()


@pytest.fixture
def cohort(clinic: Clinic, clinician: User) -> Cohort:
    """A trial with a row in every table."""
    trial = make_waiting(clinic)
    make_event(trial)
    sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(clinician, trial=trial))
    trials = trials_of(EVERYTHING, access=access_to(clinic))
    return Cohort.read(EVERYTHING, trials, at=SIGNING)


def test_the_rows_have_the_columns_of_the_dictionary_and_no_others(cohort: Cohort) -> None:
    written = {name: {frozenset(row) for row in read(cohort)} for name, read in READERS.items()}

    described = {
        name: {frozenset(column.name for column in table.columns)}
        for name, table in read_dictionary().items()
    }
    assert written == described


def a_week(person: str) -> timedelta:
    return timedelta(weeks=1)


@pytest.mark.parametrize("form", Form)
def test_what_leaves_has_the_columns_that_may(form: Form, clinic: Clinic, cohort: Cohort) -> None:
    raw = tables_of(EVERYTHING, access=access_to(clinic), at=SIGNING)
    five = {name: frame.loc[frame.index.repeat(5)].copy() for name, frame in raw.items()}
    for frame in five.values():
        frame["study_id"] = [f"S{n % 5}" for n in range(len(frame))]

    told = deidentify(five, dictionary=read_dictionary(), form=form, shift=a_week)

    assert {name: list(frame.columns) for name, frame in told.items()} == {
        name: [column.name for column in columns_of(table, form=form)]
        for name, table in read_dictionary().items()
    }
