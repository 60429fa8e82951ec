"""A recompute by workers: the very rows of one process, each block once, whoever dies or comes twice."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Clinic
from apps.outcomes import runs
from apps.outcomes.models import RecomputeBlock, RecomputeRun, TrialOutcome
from apps.outcomes.recomputing import recompute_block
from apps.outcomes.tasks import recompute_one
from apps.trials.models import StimulationTrial
from tests.apps.outcomes.test_assess_command import make_varied_trials
from tests.apps.test_holding import other_connection, takes
from tests.factories import NOW, make_entries, make_trial

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
FELL = {"2026-10-05": 8, "2026-10-06": 8, "2026-10-08": 3, "2026-10-09": 3}


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("recompute", *arguments, stdout=out, verbosity=0)
    return out.getvalue().splitlines()


def stored() -> list[tuple[Any, ...]]:
    """Every column but the row's own number, as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT trial_id, evidence_version, basis, answers::text, percent, low, high, probability, "
            "computed_at FROM outcomes_trialoutcome ORDER BY trial_id"
        )
        return cursor.fetchall()


def work_off(run: RecomputeRun) -> int:
    blocks = 0
    while runs.work_on_one(run.pk, at=LATER):
        blocks += 1
    run.refresh_from_db()
    return blocks


def test_blocks_store_what_one_process_stores_to_the_byte(clinic: Clinic) -> None:
    trials = make_varied_trials(clinic, count=5)
    recompute_block([trial.pk for trial in trials], at=NOW)
    alone_at_it = stored()
    TrialOutcome.objects.all().delete()

    run = runs.ask_run(size=2, at=NOW)

    # 5 trials with a diary and 2 without one: 2 + 2 + 2 + 1.
    assert work_off(run) == 4
    assert stored() == alone_at_it
    assert len(alone_at_it) == 7
    assert runs.progress_of(run) == runs.Progress(blocks=4, blocks_ended=4, trials=7, trials_ended=7)
    assert run.ended_at == LATER


def test_asked_again_before_the_end_it_is_the_same_run(clinic: Clinic) -> None:
    for _ in range(3):
        make_trial(clinic=clinic)
    run = runs.ask_run(size=1, at=NOW)
    runs.work_on_one(run.pk, at=LATER)

    again = runs.ask_run(size=2, at=LATER)

    assert (again, runs.progress_of(again).blocks_ended) == (run, 1)
    with pytest.raises(IntegrityError, match="one_live_recompute"), transaction.atomic():
        RecomputeRun.objects.create(asked_at=LATER)


def test_a_new_run_takes_the_place_of_one_that_has_ended(clinic: Clinic) -> None:
    make_trial(clinic=clinic)
    first = runs.ask_run(size=1, at=NOW)
    work_off(first)

    second = runs.ask_run(size=1, at=LATER)

    assert [run.pk for run in RecomputeRun.objects.all()] == [second.pk] != [first.pk]
    assert RecomputeBlock.objects.count() == 1


def test_without_trials_it_has_ended_when_it_is_asked_for() -> None:
    assert runs.ask_run(size=1, at=NOW).blocks.count() == 0
    assert RecomputeRun.objects.get().ended_at == NOW


def test_a_block_is_given_up_that_was_begun_three_times_and_the_others_are_done(clinic: Clinic) -> None:
    for _ in range(2):
        make_trial(clinic=clinic)
    run = runs.ask_run(size=1, at=NOW)
    # What a worker leaves that the kernel kills for its memory.
    killer = run.blocks.get(number=0)
    RecomputeBlock.objects.filter(pk=killer.pk).update(tries=runs.MOST_TRIES)

    assert work_off(run) == 1

    assert runs.failures_of(run) == {f"{killer.first} to {killer.last}": "begun 3 times and never ended"}
    assert TrialOutcome.objects.get().trial_id == run.blocks.get(number=1).first


def test_a_trial_that_cannot_be_judged_is_named_at_the_end(clinic: Clinic) -> None:
    good, bad = make_trial(clinic=clinic), make_trial(clinic=clinic)
    make_entries(good, FELL)
    StimulationTrial.objects.filter(pk=bad.pk).update(trial_window="best-day")
    run = runs.ask_run(size=2, at=NOW)

    work_off(run)

    assert runs.failures_of(run) == {str(bad.pk): "ReportOnlyWindow"}
    with pytest.raises(CommandError, match=rf"{bad.pk} \(ReportOnlyWindow\)"):
        command("--wait")


def test_the_command_asks_and_tells_the_counts_of_the_workers(clinic: Clinic) -> None:
    for _ in range(3):
        make_entries(make_trial(clinic=clinic), FELL)

    asked = command("--queue", "--block", "2")
    run = RecomputeRun.objects.get()
    recompute_one(run_id=run.pk)
    recompute_one(run_id=run.pk)

    assert asked == ["3 trials in 2 blocks, 0 of them done; recompute --wait shows how far the workers are"]
    told = command("--wait")
    # 8 to 3 is 62.5 %.
    assert "IMMPACT_50: met 3, not met 0, not evaluable 0; other than the assessment 0" in told


def test_to_wait_for_what_nobody_asked_for_is_refused() -> None:
    with pytest.raises(CommandError, match="give --queue"):
        command("--wait")


def test_a_block_in_other_hands_is_left_to_them_and_keeps_the_run_alive(clinic: Clinic) -> None:
    for _ in range(2):
        make_trial(clinic=clinic)
    run = runs.ask_run(size=1, at=NOW)
    RecomputeBlock.objects.filter(run=run, number=0).update(tries=1)
    held = run.blocks.get(number=0)
    assert not runs.is_worked_on(run.pk)

    with other_connection() as other:
        assert takes(other, f"recompute:{held.pk}")

        assert runs.is_worked_on(run.pk)
        assert work_off(run) == 1

    assert [block.ended_at for block in run.blocks.all()] == [None, LATER]
    assert run.ended_at is None
