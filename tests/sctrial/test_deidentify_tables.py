"""What becomes of each column on its way out."""

from datetime import date, timedelta

import pandas as pd
import pytest

from sctrial.deidentify_tables import Form, TooFew, columns_of, deidentify
from sctrial.dictionary import Column, Identifying, Kind, Table, read_dictionary


def column(name: str, kind: Kind = Kind.TEXT, identifying: Identifying = Identifying.NO) -> Column:
    return Column(name, name, name.upper(), kind, "made up", "never missing", identifying=identifying)


VISITS = Table(
    "visits",
    "Made-up visits",
    ("study_id",),
    (
        column("study_id"),
        column("name", identifying=Identifying.YES),
        column("town", identifying=Identifying.RARE),
        column("seen_on", Kind.DATE, Identifying.DATE),
        column("seen_day", Kind.INTEGER),
    ),
)
TOWNS = ["north"] * 5 + ["south"] * 4 + ["east"] + [""]
FRAME = pd.DataFrame(
    {
        "study_id": [f"S{n:02}" for n in range(len(TOWNS))],
        "name": "Ada",
        "town": TOWNS,
        "seen_on": pd.Series([date(2026, 10, 8)] * len(TOWNS)).astype("datetime64[s]"),
        "seen_day": 1,
    }
)


def in_form(form: Form, frame: pd.DataFrame = FRAME) -> pd.DataFrame:
    tables = {"visits": frame}
    return deidentify(tables, dictionary={"visits": VISITS}, form=form, shift=weeks_of)["visits"]


def weeks_of(person: str) -> timedelta:
    return timedelta(weeks=int(person[1:]) + 1)


@pytest.mark.parametrize(
    ("form", "columns"),
    [
        (Form.STUDY_DAYS, ["study_id", "town", "seen_day"]),
        (Form.SHIFTED, ["study_id", "town", "seen_on", "seen_day"]),
        (Form.IDENTIFIED, ["study_id", "name", "town", "seen_on", "seen_day"]),
    ],
)
def test_a_form_has_its_columns(form: Form, columns: list[str]) -> None:
    assert list(in_form(form).columns) == columns == [column.name for column in columns_of(VISITS, form=form)]


def test_values_that_few_share_are_hidden_together() -> None:
    """south has four and east one: five hidden people, of whom none can be told from the others."""
    assert list(in_form(Form.STUDY_DAYS)["town"]) == ["north"] * 5 + ["hidden"] * 5 + [""]


def test_an_identified_table_hides_nothing() -> None:
    assert list(in_form(Form.IDENTIFIED)["town"]) == TOWNS


def test_days_are_shifted_by_the_weeks_of_their_person() -> None:
    shifted = in_form(Form.SHIFTED)["seen_on"]

    assert list(shifted.dt.date) == [date(2026, 10, 8) + timedelta(weeks=n + 1) for n in range(len(TOWNS))]


def test_a_value_hidden_in_one_table_is_hidden_in_all() -> None:
    """Each table alone has five of the same town; only one of both has a person of another."""
    other = FRAME.head(6).assign(town=["north"] * 5 + ["west"])
    found = deidentify(
        {"visits": other, "again": FRAME.head(6).assign(town="north")},
        dictionary={"visits": VISITS, "again": VISITS},
        form=Form.STUDY_DAYS,
        shift=weeks_of,
    )

    assert set(found["visits"]["town"]) == set(found["again"]["town"]) == {"hidden"}


@pytest.mark.parametrize("form", [Form.STUDY_DAYS, Form.SHIFTED])
def test_fewer_than_five_people_do_not_leave(form: Form) -> None:
    with pytest.raises(TooFew, match="4 patients"):
        in_form(form, FRAME.head(4))


def test_a_clinic_may_look_at_one_patient() -> None:
    assert len(in_form(Form.IDENTIFIED, FRAME.head(1))) == 1


@pytest.mark.parametrize("table", read_dictionary().values(), ids=lambda table: table.name)
def test_every_table_keeps_its_key_and_loses_its_days(table: Table) -> None:
    kept = columns_of(table, form=Form.STUDY_DAYS)

    assert set(table.key) <= {column.name for column in kept}
    assert not any(column.type is Kind.DATE for column in kept)
    assert columns_of(table, form=Form.IDENTIFIED) == table.columns


#: Codes that stay as they are where few share them, and why: docs/adr/0013-snapshots.md.
KEPT = {
    "answer": "what is asked about",
    "choice": "what is asked about",
    "phase": "what is asked about",
    "diary_phase": "a figure cannot be read without it",
    "kind": "a figure cannot be read without it",
    "parameter": "a figure cannot be read without it",
    "scale": "a figure cannot be read without it",
    "no_percent": "says why a figure is missing",
    "state": "says why a figure is missing",
    "timeliness": "says why a figure is missing",
    "why_missing": "says why a figure is missing",
}


def test_every_code_is_hidden_where_few_share_it_or_has_a_reason_to_stay() -> None:
    coded = [column for table in read_dictionary().values() for column in table.columns if column.codes]

    assert {column.codes for column in coded if column.identifying is Identifying.NO} == set(KEPT)


def test_a_column_of_the_same_name_that_is_not_rare_keeps_its_values() -> None:
    answers = Table("answers", "Made up", ("study_id",), (column("study_id"), column("town")))
    found = deidentify(
        {"visits": FRAME, "answers": FRAME[["study_id", "town"]]},
        dictionary={"visits": VISITS, "answers": answers},
        form=Form.STUDY_DAYS,
        shift=weeks_of,
    )

    assert list(found["answers"]["town"]) == TOWNS
