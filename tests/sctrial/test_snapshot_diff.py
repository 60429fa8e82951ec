"""What changed between two snapshots, and because of what."""

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.dictionary import read_dictionary
from sctrial.snapshot_diff import Change, Difference, Side, compare_snapshots, find_different
from sctrial.snapshots import make_id, make_manifest

KEYS = {name: table.key for name, table in read_dictionary().items()}
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
Row = dict[str, Any]


def side(*trials: Row, on: date = MONDAY, question: str = "", **tables: list[Row]) -> Side:
    """A snapshot with those rows; a column of text is "" and one of numbers 0 where a row does not say."""
    rows: dict[str, list[Row]] = {"trials": list(trials)} | tables
    told = {name: _table(name, rows.get(name, [])) for name in KEYS}
    return Side(told, make_manifest(told, form="study_days", on=on), question)


def _table(name: str, rows: list[Row]) -> pa.Table:
    columns = COLUMNS.get(name, ("value",))
    names = ("study_id", *(key for key in KEYS[name] if key != "study_id"), *columns)
    types = {column: pa.int64() if column in NUMBERS else pa.string() for column in names}
    told = [{column: row.get(column, 0 if column in NUMBERS else "") for column in names} for row in rows]
    return pa.Table.from_pylist(told, schema=pa.schema(types))


NUMBERS = {
    "value",
    "entry_number",
    "diary_day",
    "decision_number",
    "event_number",
    "window_number",
    "therapies",
}
COLUMNS = {
    "subjects": ("therapies",),
    "trials": ("answer", "phase", "rule_set", "rule_set_version"),
    "assessments": ("rule_set_digest", "answer"),
}


def trial(name: str, **columns: Any) -> Row:
    return {"trial_id": name, "study_id": name[:2], "answer": "met", "phase": "decided"} | columns


def entries(*values: int) -> list[Row]:
    return [{"trial_id": "S1-1", "entry_number": n, "value": value} for n, value in enumerate(values, 1)]


def difference(before: Side, after: Side) -> Difference:
    return compare_snapshots(before, after=after, keys=KEYS)


def test_nothing_has_changed() -> None:
    one = side(trial("S1-1"), entries=entries(8, 4))

    assert difference(one, one) == Difference((), (), (), same=1)


def test_trials_come_and_go() -> None:
    found = difference(side(trial("S1-1"), trial("S2-1")), side(trial("S2-1"), trial("S3-1")))

    assert (found.added, found.removed, found.same) == (("S3-1",), ("S1-1",), 1)
    assert found.sentence == "0 changed, 1 added, 1 gone, 1 the same."


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([8, 4], [8, 4, 3], ("1 entry added",)),
        ([8, 4], [8, 4, 3, 3], ("2 entries added",)),
        ([8, 4, 3], [8, 4], ("1 entry gone",)),
        ([8, 4], [8, 5], ("1 entry changed",)),
    ],
)
def test_a_figure_that_moved_names_the_entries_behind_it(
    before: list[int], after: list[int], why: tuple[str, ...]
) -> None:
    found = difference(
        side(trial("S1-1"), entries=entries(*before)),
        side(trial("S1-1", answer="not_met"), entries=entries(*after)),
    )

    (changed,) = found.changed
    assert changed.changes == (Change("answer", "met", "not_met"),)
    assert changed.why == why


OF_A_TRIAL: Row = {"trial_id": "S1-1", "study_id": "S1", "parameter": "sleep_quality", "rule_set": "NORTH_PP"}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("entries", "1 entry added"),
        ("daily", "1 value of a day added (sleep_quality)"),
        ("assessments", "1 assessment added"),
        ("decisions", "1 decision added"),
        ("events", "1 adverse event added"),
        ("expected", "1 window of the diary added"),
        ("subjects", "row of the patient changed"),
    ],
)
def test_a_row_in_any_table_of_facts_changes_its_trial(table: str, why: str) -> None:
    more: dict[str, Any] = {table: [OF_A_TRIAL]}
    found = difference(side(trial("S1-1")), side(trial("S1-1"), **more))

    assert [changed.why for changed in found.changed] == [(why,)]
    assert [(one.name, one.words) for one in found.tables] == [(table, "1 added")]


def test_a_row_of_a_patient_changes_each_of_their_trials() -> None:
    before, after = (
        side(trial("S1-1"), trial("S1-2"), trial("S2-1"), subjects=[{"study_id": "S1", "therapies": n}])
        for n in (2, 3)
    )
    found = difference(before, after)

    assert [changed.trial for changed in found.changed] == ["S1-1", "S1-2"]
    assert found.changed[0].changes == (Change("subjects.therapies", 2, 3),)


@pytest.mark.parametrize(
    ("columns", "engine", "why"),
    [
        ({"phase": "implanted"}, "1", "phase recorded anew"),
        ({"rule_set_version": "2"}, "1", "judged under another rule set or version of it"),
        ({"answer": "not_met"}, "2", "judged by engine 2 instead of 1"),
    ],
)
def test_other_causes_are_named(columns: dict[str, str], engine: str, why: str) -> None:
    before, after = by_engine(side(trial("S1-1")), "1"), by_engine(side(trial("S1-1", **columns)), engine)

    assert [changed.why for changed in difference(before, after).changed] == [(why,)]


def by_engine(one: Side, engine: str) -> Side:
    return replace(one, manifest={**one.manifest, "engine": engine})


def judged(digest: str) -> Row:
    return OF_A_TRIAL | {"rule_set_version": "1", "rule_set_digest": digest}


@pytest.mark.parametrize(
    ("before", "after", "about"),
    [
        (side(), side(on=TUESDAY), "as of 2026-11-03 instead of 2026-11-02"),
        (by_engine(side(), "1"), by_engine(side(), "2"), "engine 2 instead of 1"),
        (side(), side(question="modality=SCS"), "asks modality=SCS instead of for every trial"),
        (side(), side(assessments=[judged("sha256:aa")]), "rule set NORTH_PP@1 (aa) judged too"),
        (side(assessments=[judged("sha256:aa")]), side(), "rule set NORTH_PP@1 (aa) judged no more"),
    ],
)
def test_what_differs_beside_the_rows_is_named_and_changes_no_trial(
    before: Side, after: Side, about: str
) -> None:
    found = difference(before, after)

    assert (found.about, found.changed) == ((about,), ())


def test_an_entry_that_moved_no_figure_is_a_change_all_the_same() -> None:
    found = difference(side(trial("S1-1"), entries=entries(8)), side(trial("S1-1"), entries=entries(8, 8)))

    assert [(changed.changes, changed.why) for changed in found.changed] == [((), ("1 entry added",))]


def test_tables_that_are_the_same_need_not_be_read() -> None:
    before = side(trial("S1-1"), entries=entries(8))
    after = side(trial("S1-1"), entries=entries(8, 4))
    read = {"trials", *find_different(before.manifest, after=after.manifest)}
    few = [replace(one, tables={name: one.tables[name] for name in read}) for one in (before, after)]

    assert read == {"trials", "entries"}
    assert difference(*few) == difference(before, after)


ROWS = st.fixed_dictionaries(
    {
        "trial_id": st.sampled_from(["S1-1", "S2-1"]),
        "study_id": st.sampled_from(["S1", "S2"]),
        "parameter": st.sampled_from(["sleep_quality", "average"]),
        "value": st.integers(0, 2),
    }
)
SIDES = st.builds(
    lambda tables, on: side(trial("S1-1"), trial("S2-1"), on=on, **tables),
    st.dictionaries(st.sampled_from([name for name in KEYS if name != "trials"]), st.lists(ROWS, max_size=3)),
    st.sampled_from([MONDAY, TUESDAY]),
)


@given(SIDES, SIDES)
def test_two_ids_differ_exactly_when_the_difference_names_something(before: Side, after: Side) -> None:
    found = difference(before, after)
    ids = {make_id(dict(one.manifest)) for one in (before, after)}

    assert (len(ids) == 2) == bool(found.about or found.tables)
    assert all(table.words for table in found.tables)


@given(SIDES, SIDES)
def test_a_trial_is_the_same_only_when_no_table_has_another_row_of_it(before: Side, after: Side) -> None:
    found = difference(before, after)
    rows = [change.row for table in found.tables if table.name != "subjects" for change in table.changes]

    assert {row["trial_id"] for row in rows} <= {changed.trial for changed in found.changed}
    assert found.same + len(found.changed) == 2
