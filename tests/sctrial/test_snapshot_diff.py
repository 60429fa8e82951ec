"""What changed between two snapshots, and because of what."""

from typing import Any

import pyarrow as pa
import pytest

from sctrial.snapshot_diff import Change, Difference, compare_snapshots

KEYS = {
    "trials": ("trial_id",),
    "entries": ("trial_id", "entry_number"),
    "decisions": ("trial_id", "decision_number"),
}


def snapshot(*trials: dict[str, Any], entries: dict[str, list[int]] | None = None) -> dict[str, pa.Table]:
    rows = [
        {"trial_id": trial, "entry_number": n, "value": value}
        for trial, values in (entries or {}).items()
        for n, value in enumerate(values, 1)
    ]
    schema = pa.schema([("trial_id", pa.string()), ("entry_number", pa.int64()), ("value", pa.int64())])
    return {
        "trials": pa.Table.from_pylist(list(trials)),
        "entries": pa.Table.from_pylist(rows, schema=schema),
    }


def trial(name: str, **columns: Any) -> dict[str, Any]:
    return {"trial_id": name, "answer": "met", "phase": "decided", "rule_set_version": "1"} | columns


def difference(
    before: dict[str, pa.Table], after: dict[str, pa.Table], engines: tuple[str, str] = ("1", "1")
) -> Difference:
    return compare_snapshots(before, after=after, engines=engines, keys=KEYS)


def test_nothing_has_changed() -> None:
    one = snapshot(trial("S1-1"), entries={"S1-1": [8, 4]})

    assert difference(one, one) == Difference((), (), (), same=1)


def test_trials_come_and_go() -> None:
    found = difference(snapshot(trial("S1-1"), trial("S2-1")), snapshot(trial("S2-1"), trial("S3-1")))

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
        snapshot(trial("S1-1"), entries={"S1-1": before}),
        snapshot(trial("S1-1", answer="not_met"), entries={"S1-1": after}),
    )

    (changed,) = found.changed
    assert changed.changes == (Change("answer", "met", "not_met"),)
    assert changed.why == why


@pytest.mark.parametrize(
    ("columns", "engines", "why"),
    [
        ({"phase": "implanted"}, ("1", "1"), ("phase recorded anew",)),
        ({"rule_set_version": "2"}, ("1", "1"), ("judged under another rule set or version of it",)),
        ({"answer": "not_met"}, ("1", "2"), ("judged by engine 2 instead of 1",)),
    ],
)
def test_other_causes_are_named(
    columns: dict[str, str], engines: tuple[str, str], why: tuple[str, ...]
) -> None:
    found = difference(snapshot(trial("S1-1")), snapshot(trial("S1-1", **columns)), engines)

    assert [changed.why for changed in found.changed] == [why]


def test_another_engine_alone_changes_no_trial() -> None:
    one = snapshot(trial("S1-1"))

    assert difference(one, one, ("1", "2")).changed == ()


def test_an_entry_that_moved_no_figure_is_a_change_all_the_same() -> None:
    found = difference(
        snapshot(trial("S1-1"), entries={"S1-1": [8]}), snapshot(trial("S1-1"), entries={"S1-1": [8, 8]})
    )

    assert [(changed.changes, changed.why) for changed in found.changed] == [((), ("1 entry added",))]
