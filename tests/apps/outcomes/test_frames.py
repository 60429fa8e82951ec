"""From rows to columns: the entries a verdict may look at, and no others."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry, ParkedAnswer
from apps.outcomes.frames import OTHER_REGION, entries_frame, packed_frame
from apps.trials.models import StimulationTrial
from sctrial.scales import ScaleCode
from tests.factories import NOW, make_device, make_entries, make_trial

pytestmark = pytest.mark.django_db


def copy_of(entry: DiaryEntry, **changes: Any) -> DiaryEntry:
    facts = {field.attname: getattr(entry, field.attname) for field in DiaryEntry._meta.concrete_fields}
    return DiaryEntry.objects.create(**facts | {"id": uuid.uuid4()} | changes)


def columns_of(*trials: StimulationTrial) -> list[tuple[Any, ...]]:
    frame = entries_frame(trials)
    return list(
        frame[["trial", "day", "phase", "region", "kind", "value"]].itertuples(index=False, name=None)
    )


def test_an_entry_becomes_a_row_in_the_words_of_the_core(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-07": 8, "2026-10-08": 4})
    make_entries(trial, {"2026-10-08": 3}, region="wound", kind="worst")

    before, after = date(2026, 10, 7).toordinal(), date(2026, 10, 8).toordinal()
    assert sorted(columns_of(trial)) == [
        (0, before, "baseline", "target", "average", 8),
        (0, after, "trial", "target", "average", 4),
        (0, after, "trial", "wound", "worst", 3),
    ]


def test_trials_are_numbered_by_their_place_and_read_by_one_statement(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic), make_trial(clinic=clinic), make_trial(clinic=clinic)]
    make_entries(trials[0], {"2026-10-07": 8})
    make_entries(trials[2], {"2026-10-07": 6})

    with CaptureQueriesContext(connection) as statements:
        rows = columns_of(*trials)

    assert len(statements) == 1
    assert sorted((number, value) for number, *_, value in rows) == [(0, 8), (2, 6)]


def test_an_answer_that_was_superseded_is_left_out(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    copy_of(first, value=7, supersedes_id=first.pk)

    assert [row[-1] for row in columns_of(trial)] == [7]


def test_an_answer_on_another_scale_than_the_trials_is_left_out(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (entry,) = make_entries(trial, {"2026-10-07": 8})
    copy_of(entry, value=80, scale=ScaleCode.VAS_100.value)

    assert [row[-1] for row in columns_of(trial)] == [8]


def test_the_sequence_is_the_order_in_which_the_answers_were_given(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    (at_eight,) = make_entries(trial, {"2026-10-07": 8})
    # Its id sorts last, its instant first.
    last_id = uuid.UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")
    copy_of(at_eight, id=last_id, value=2, captured_at=datetime(2026, 10, 7, 7, 55, tzinfo=UTC))

    frame = entries_frame([trial]).sort_values("sequence")

    assert list(frame["value"]) == [2, 8]
    assert list(frame["source"]) == [last_id, at_eight.pk]


def test_without_a_lead_every_day_is_baseline(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, lead_placed_on=None, phase="baseline_diary")
    make_entries(trial, {"2026-10-09": 8})

    assert [row[2] for row in columns_of(trial)] == ["baseline"]


def test_no_trial_and_no_entry_make_an_empty_frame(clinic: Clinic) -> None:
    assert columns_of() == []
    assert columns_of(make_trial(clinic=clinic)) == []


@pytest.mark.parametrize("several", ["mean", "last"])
def test_the_packed_way_reads_the_same_rows(clinic: Clinic, several: str) -> None:
    trials = [make_trial(clinic=clinic, several=several) for _ in range(3)]
    (first,) = make_entries(trials[0], {"2026-10-07": 8})
    copy_of(first, value=5, supersedes_id=first.pk)
    make_entries(trials[0], {"2026-10-08": 4, "2026-10-09": 0})
    make_entries(trials[0], {"2026-10-08": 3}, region="wound", kind="worst")
    make_entries(trials[2], {"2026-10-07": 10})
    columns = ["trial", "day", "phase", "region", "kind", "value"]

    packed = packed_frame(trials, regions=["target", "wound"])[columns].astype({"region": "object"})
    one_by_one = entries_frame(trials)[columns].astype({"region": "object"})

    assert sorted(packed.itertuples(index=False, name=None)) == sorted(
        one_by_one.itertuples(index=False, name=None)
    )


def test_a_region_not_asked_for_still_bounds_the_diary(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-09": 3}, region="wound")

    frame = packed_frame([trial], regions=["target"])

    assert frame["region"].tolist() == [OTHER_REGION]


def test_nobody_is_an_empty_frame(clinic: Clinic) -> None:
    assert packed_frame([], regions=["target"]).empty


def test_one_set_aside_neither_stands_nor_replaces_in_the_packed_way_too(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    device, _ = make_device(trial)
    (first,) = make_entries(trial, {"2026-10-07": 8})
    aside = copy_of(first, value=1, supersedes_id=first.pk)
    ParkedAnswer.objects.create(
        id=aside.pk,
        trial=trial,
        device=device,
        why="slot_taken",
        body={},
        diary_day=aside.diary_day,
        captured_at=NOW,
        received_at=NOW,
        is_stored=True,
    )

    assert packed_frame([trial], regions=["target"])["value"].tolist() == [8]
    assert entries_frame([trial])["value"].tolist() == [8]


def test_each_trial_is_read_on_its_own_scale_in_the_packed_way_too(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic, scale=scale.value) for scale in (ScaleCode.VAS_100, ScaleCode.NRS_11)]
    for trial, value in zip(trials, (55, 7), strict=True):
        (entry,) = make_entries(trial, {"2026-10-07": value})
        copy_of(entry, value=1, scale=ScaleCode.NUMERIC_0_10.value)

    packed = packed_frame(trials, regions=["target"])

    assert packed[["trial", "value"]].values.tolist() == [[0, 55], [1, 7]]
    assert sorted(columns_of(*trials)) == sorted(
        packed[["trial", "day", "phase", "region", "kind", "value"]].itertuples(index=False, name=None)
    )
