"""One pass over everybody's answers gives what reading each trial's own gives, also where time went on."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry, ParkedAnswer
from apps.outcomes.frames import packed_frame, read_answers
from apps.outcomes.packing import told_region, told_window
from apps.outcomes.recomputing import Swept, recompute_block, recompute_everybody
from apps.outcomes.sweeping import LaidBy, sweep
from apps.trials.models import StimulationTrial
from tests.apps.outcomes.test_assess_command import make_varied_trials
from tests.apps.outcomes.test_frames import copy_of
from tests.apps.outcomes.test_runs import stored
from tests.factories import NOW, make_device, make_entries, make_own_rule, make_trial

pytestmark = pytest.mark.django_db
REGIONS = ("target", "wound")
COLUMNS = ["trial", "day", "phase", "region", "kind", "value"]
DAY = "2026-10-07"


def everybody() -> list[StimulationTrial]:
    return list(StimulationTrial.objects.order_by("pk"))


def rows_of(trials: Iterable[StimulationTrial], laid_by: LaidBy | None = None) -> list[tuple[Any, ...]]:
    frame = packed_frame(list(trials), regions=REGIONS, laid_by=laid_by)[COLUMNS].astype({"region": "object"})
    return sorted(frame.itertuples(index=False, name=None))


def values_swept(*, pages: int = 1) -> list[int]:
    with sweep(told_region(REGIONS), size=1000, pages=pages) as (block,):
        return sorted(value for *_, value in rows_of(everybody(), block))


def set_aside(entry: DiaryEntry) -> None:
    device, _ = make_device(entry.trial)
    ParkedAnswer.objects.create(
        id=entry.pk,
        trial=entry.trial,
        device=device,
        why="slot_taken",
        body={},
        diary_day=entry.diary_day,
        captured_at=NOW,
        received_at=NOW,
        is_stored=True,
    )


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_sweep_stores_to_the_byte_what_blocks_store(clinic: Clinic, size: int) -> None:
    make_varied_trials(clinic, count=12)
    recompute_block([trial.pk for trial in everybody()], at=NOW)
    block_by_block = stored()

    done = list(recompute_everybody(size=size, at=NOW + timedelta(hours=1)))

    assert sum(trials for trials, _ in done) == len(block_by_block)
    assert all(failed == {} for _, failed in done)
    assert [row[:-1] for row in stored()] == [row[:-1] for row in block_by_block]


@pytest.mark.parametrize("pages", [1, 2, 16_000])
def test_each_answer_is_read_once_wherever_it_lies(clinic: Clinic, pages: int) -> None:
    make_varied_trials(clinic, count=12)

    with sweep(told_region(REGIONS), size=5, pages=pages) as blocks:
        swept = [rows_of(StimulationTrial.objects.filter(pk__in=block.ids), block) for block in blocks]
        read = [rows_of(StimulationTrial.objects.filter(pk__in=block.ids)) for block in blocks]

    assert swept == read
    assert sum(map(len, read)) > 100


def nothing(_: DiaryEntry) -> None:
    pass


def correct(entry: DiaryEntry) -> None:
    copy_of(entry, value=3, supersedes_id=entry.pk)


def correct_and_strike_out(entry: DiaryEntry) -> None:
    copy_of(entry, value=3, supersedes_id=entry.pk, is_void=True)


def correct_onto_two_days(entry: DiaryEntry) -> None:
    for day in (7, 8):
        copy_of(entry, value=3, supersedes_id=entry.pk, diary_day=date(2026, 10, day))


def correct_what_is_set_aside(entry: DiaryEntry) -> None:
    set_aside(copy_of(entry, value=3, supersedes_id=entry.pk))


def strike_out(entry: DiaryEntry) -> None:
    DiaryEntry.objects.filter(pk=entry.pk).update(is_void=True)


def strike_out_and_correct(entry: DiaryEntry) -> None:
    strike_out(entry)
    correct(entry)


@pytest.mark.parametrize(
    ("happens", "counts"),
    [
        pytest.param(nothing, [8, 8], id="nothing"),
        pytest.param(correct, [3, 8], id="a correction takes the place of one, not of its like"),
        pytest.param(correct_and_strike_out, [8], id="one struck out still replaces"),
        pytest.param(correct_onto_two_days, [3, 3, 8], id="two that replace the same one replace it once"),
        pytest.param(correct_what_is_set_aside, [8, 8], id="one set aside neither stands nor replaces"),
        pytest.param(set_aside, [8], id="one set aside does not stand"),
        pytest.param(strike_out, [8], id="one struck out does not stand"),
        pytest.param(strike_out_and_correct, [3, 8], id="the place of one struck out is taken"),
    ],
)
def test_what_stands_of_two_answers_alike(
    clinic: Clinic, happens: Callable[[DiaryEntry], None], counts: list[int]
) -> None:
    trial = make_trial(clinic=clinic)
    (first,) = make_entries(trial, {DAY: 8})
    copy_of(first, window_no=2)

    happens(first)

    assert values_swept() == counts
    assert sorted(value for *_, value in rows_of(everybody())) == counts


def test_what_was_answered_since_the_sweep_is_read_anew(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic), make_trial(clinic=clinic)]
    for trial in trials:
        make_entries(trial, {DAY: 8})

    with sweep(told_region(REGIONS), size=10) as (block,):
        make_entries(trials[0], {"2026-10-08": 2})

        assert rows_of(everybody(), block) == rows_of(everybody())


def test_a_trial_begun_or_gone_since_the_sweep_disturbs_nobody(clinic: Clinic) -> None:
    trials = [make_trial(clinic=clinic), make_trial(clinic=clinic)]
    for trial in trials:
        make_entries(trial, {DAY: 8})

    with sweep(told_region(REGIONS), size=10) as (block,):
        later = make_trial(clinic=clinic)
        make_entries(later, {DAY: 1})
        now = [later, trials[1]]

        assert rows_of(now, block) == rows_of(now)


@pytest.mark.parametrize("several", [(), (1, 4)])
def test_answers_are_told_by_a_sweep_as_by_the_statement_of_a_block(
    clinic: Clinic, several: tuple[int, ...]
) -> None:
    """Those that do not stand are among them, and told apart; where the order counts it is kept."""
    make_varied_trials(clinic, count=8)
    for trial in everybody():
        for entry in list(trial.entries.order_by("pk"))[:3]:
            strike_out(entry)
    ids = [trial.pk for trial in everybody()]
    in_order = {ids[place] for place in several}

    with sweep(told_window(region="target"), size=100, pages=1) as (block,):
        swept = read_answers(ids, region="target", in_order=in_order, laid_by=block)
    read = read_answers(ids, region="target", in_order=in_order)

    assert sorted(zip(*map(list, swept), strict=True)) == sorted(zip(*map(list, read), strict=True))
    assert {told & 1 for told in swept.told.tolist()} == {0, 1}
    for place in several:
        assert swept.value[swept.trial == place].tolist() == read.value[read.trial == place].tolist()


def test_where_the_order_counts_a_trial_is_read_by_itself(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, several="last")
    (at_eight,) = make_entries(trial, {DAY: 8})
    copy_of(at_eight, value=2, captured_at=NOW)

    with sweep(told_region(REGIONS), size=10) as (block,):
        swept = packed_frame([trial], regions=REGIONS, laid_by=block).sort_values("sequence")

    assert list(swept["value"]) == [8, 2]


def test_a_rule_approved_since_the_sweep_gets_its_region_told_apart(clinic: Clinic) -> None:
    own = make_own_rule(clinic)
    trial = make_trial(clinic=clinic, rule_set_id=own.rule_id)
    make_entries(trial, {"2026-10-05": 8, "2026-10-06": 8, "2026-10-08": 3, "2026-10-09": 3})
    recompute_block([trial.pk], at=NOW)
    expected = stored()

    with sweep(told_region(["wound"]), size=10) as (block,):
        recompute_block([trial.pk], at=NOW, swept=Swept(["wound"], block))

    assert stored() == expected


def test_ids_that_begin_alike_are_not_mistaken_for_each_other(clinic: Clinic) -> None:
    for place in (1, 2):
        alike = uuid.UUID(f"00000000-0000-4000-8000-00000000000{place}")
        make_entries(make_trial(clinic=clinic, id=alike), {DAY: place})

    with sweep(told_region(REGIONS), size=1) as blocks:
        assert [value for block in blocks for *_, value in rows_of(everybody(), block)] == [1, 2, 1, 2]


def test_the_files_go_with_the_sweep(clinic: Clinic) -> None:
    make_entries(make_trial(clinic=clinic), {DAY: 8})

    with sweep(told_region(REGIONS), size=10) as (block,):
        folder: Path = block.answers.parent
        assert [file.name for file in folder.iterdir()] == ["0.answers"]

    assert not folder.exists()


def test_nobody_is_no_block() -> None:
    with sweep(told_region(REGIONS), size=10) as blocks:
        assert blocks == []


def test_the_number_of_statements_does_not_grow_with_the_trials(clinic: Clinic) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as said:
            list(recompute_everybody(size=100, at=NOW))
        return len(said)

    make_varied_trials(clinic, count=2)
    few = statements()
    make_varied_trials(clinic, count=6)

    assert statements() == few
