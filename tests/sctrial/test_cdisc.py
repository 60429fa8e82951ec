"""CDISC-style tables, made by hand from a small snapshot."""

import pyarrow as pa
import pytest

from sctrial.cdisc import make_view
from sctrial.dictionary import read_cdisc
from tests.sctrial.made_tables import made


def trial(patient: str, number: int = 1, **cells: object) -> dict[str, object]:
    return {
        "study_id": patient,
        "trial_id": f"{patient}-{number}",
        "repeat_number": number,
        "modality": "SCS",
        "leads_placed": True,
    } | cells


def day(
    number: int, value: float, *, region: str = "target", parameter: str = "average"
) -> dict[str, object]:
    return {
        "study_id": "S1",
        "trial_id": "S1-1",
        "diary_day": number,
        "phase": "baseline" if number < 0 else "trial",
        "region": region,
        "parameter": "average",
        "value": value,
        "unit": "scale point",
        "answers": 1,
    }


def snapshot(**tables: list[dict[str, object]]) -> dict[str, pa.Table]:
    names = ("subjects", "trials", "daily", "entries", "expected")
    return {name: made(name, *tables.get(name, [])) for name in names}


def view(name: str, **tables: list[dict[str, object]]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = make_view(name, snapshot(**tables)).to_pylist()
    return rows


def cells(rows: list[dict[str, object]], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_the_change_of_every_day_stands_beside_the_baseline_of_the_verdict() -> None:
    """The verdict took 8; days of 4 and 6 are 50 and 25 % less. There is no day 0."""
    rows = view(
        "adqs",
        trials=[trial("S1", baseline_mean=8.0)],
        daily=[day(-2, 9), day(-1, 8), day(1, 4), day(2, 6), day(3, 5.6), day(4, 9)],
    )

    assert cells(rows, "ADY", "APHASE", "AVAL", "BASE", "CHG", "PCHG", "CRIT1FL", "CRIT2FL") == [
        (-2, "BASELINE", 9, 8, None, None, None, None),
        (-1, "BASELINE", 8, 8, None, None, None, None),
        (1, "TRIAL", 4, 8, 4 - 8, -50, "Y", "Y"),
        (2, "TRIAL", 6, 8, 6 - 8, -25, "N", "N"),
        # 30 % to the last digit, whatever floats make of it.
        (3, "TRIAL", 5.6, 8, pytest.approx(-2.4), pytest.approx(-30), "N", "Y"),
        (4, "TRIAL", 9, 8, 9 - 8, 12.5, "N", "N"),
        (None, "BASELINE", 8, 8, None, None, None, None),
    ]
    assert cells(rows[-1:], "ABLFL", "DTYPE", "CRIT1") == [("Y", "AVERAGE", None)]


def test_other_parameters_have_the_mean_of_their_baseline_days() -> None:
    rows = view(
        "adqs",
        trials=[trial("S1", baseline_mean=8.0)],
        daily=[day(-2, 3, region="wound"), day(-1, 6, region="wound"), day(1, 9, region="wound")],
    )

    assert {row["BASE"] for row in rows} == {(3 + 6) / 2}
    assert {row["PARAMCD"] for row in rows} == {"PAINAVG"}


def test_a_baseline_of_0_has_a_change_and_no_percent() -> None:
    rows = view("adqs", trials=[trial("S1")], daily=[day(-1, 0), day(1, 2)])

    assert cells(rows, "ADY", "CHG", "PCHG", "CRIT1FL")[1] == (1, 2, None, None)


def test_a_patient_is_told_by_the_first_trial() -> None:
    rows = view(
        "adsl",
        subjects=[{"study_id": "S1", "trials": 2}, {"study_id": "S2", "trials": 1}],
        trials=[
            trial("S1", 2, answer="met", implanted_day=30),
            trial("S1", 1, answer="not_met"),
            trial("S2", 1, answer="not_evaluable", leads_placed=False),
        ],
    )

    assert cells(rows, "USUBJID", "NTRIAL", "LEADFL", "COMPLFL", "RESPFL", "IMPLFL") == [
        ("S1", 2, "Y", "Y", "N", "Y"),
        ("S2", 1, "N", "N", None, "N"),
    ]


def test_a_time_to_explant_is_censored_where_the_patient_was_last_seen() -> None:
    rows = view(
        "adtte",
        trials=[
            trial("S1", implanted_day=10, explanted_day=110, last_seen_day=110, explant_reason="infection"),
            trial("S2", implanted_day=10, last_seen_day=40),
            trial("S3", implanted_day=10, last_seen_day=10),
            trial("S4"),
        ],
    )

    assert cells(rows, "USUBJID", "AVAL", "CNSR", "EVNTDESC", "EVNTRSN") == [
        ("S1", 110 - 10, 0, "EXPLANT", "infection"),
        ("S2", 40 - 10, 1, "LAST SEEN", None),
        ("S3", 0, 1, "LAST SEEN", None),
    ]


def test_what_was_collected_stands_beside_what_was_not_done() -> None:
    own = {"study_id": "S1", "trial_id": "S1-1"}
    score = own | {"diary_day": 1, "kind": "average", "region": "target", "originator": "patient"}
    rows = view(
        "qs",
        entries=[
            score | {"entry_number": 1, "value": 7.0, "replaced": True},
            score | {"entry_number": 2, "value": 3.5},
        ],
        expected=[
            own | {"diary_day": 1, "window_number": 1, "state": "answered"},
            own | {"diary_day": 2, "window_number": 1, "state": "missed", "why_missing": "no_answer"},
            own | {"diary_day": 3, "window_number": 1, "state": "excused", "why_missing": "no_phone"},
        ],
    )

    assert cells(rows, "QSDY", "QSTESTCD", "QSORRES", "QSSTRESN", "QSSTAT", "QSREASND", "QSSUPFL") == [
        (1, "PAINAVG", "7", 7.0, None, None, "Y"),
        (1, "PAINAVG", "3.5", 3.5, None, None, None),
        (2, "QSALL", None, None, "NOT DONE", "no_answer", None),
        (3, "QSALL", None, None, "NOT DONE", "no_phone", None),
    ]


@pytest.mark.parametrize("name", read_cdisc())
def test_an_empty_snapshot_has_the_columns_of_the_dictionary(name: str) -> None:
    empty = make_view(name, snapshot())

    assert empty.column_names == [column.name for column in read_cdisc()[name].columns]
    assert empty.num_rows == 0
