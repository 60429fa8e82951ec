"""A recompute survives its worker and its broker: a real worker is killed in a block, Redis is flushed."""

import signal
from datetime import date
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.outcomes import runs
from apps.outcomes.models import RecomputeRun, TrialOutcome
from apps.outcomes.recomputing import recompute_block
from apps.outcomes.tasks import recompute, resume_recompute
from config.embedded.valkey import Valkey
from tests.factories import make_entries, make_trial
from tests.faults.processes import start_celery, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
#: The block in which the worker is held up, and killed.
HELD = 2
TO_START = 120.0
BLOCKS = 4


@pytest.fixture
def run(clinic: Clinic) -> RecomputeRun:
    for _ in range(BLOCKS):
        make_entries(make_trial(clinic=clinic), {str(date(2026, 10, day)): 4 for day in range(1, 11)})
    return runs.ask_run(size=1, at=timezone.now())


def test_a_flushed_bell_and_a_worker_killed_in_a_block_cost_no_outcome(
    run: RecomputeRun, embedded_valkey: Valkey, tmp_path: Path
) -> None:
    recompute.ring(run_id=run.pk)
    client = redis.Redis(unix_socket_path=str(embedded_valkey.socket_path))
    client.flushall()
    client.close()
    worker = start_celery("worker", "--pool=solo", "--loglevel=INFO", log=tmp_path / "worker.log")
    held = run.blocks.get(number=HELD).first
    try:
        wait_until(lambda: " ready" in worker.log.read_text(), within=TO_START)
        assert not TrialOutcome.objects.exists(), "the bell is gone"
        with transaction.atomic():
            # An open transaction has the row that the worker wants to add.
            TrialOutcome.objects.create(
                trial_id=held, evidence_version=-1, answers={}, computed_at=run.asked_at
            )
            resume_recompute.apply_async(retry=False)  # What beat does each round.
            wait_until(lambda: run.blocks.get(number=HELD).tries == 1 and is_waiting(), within=60)
            worker.popen.send_signal(signal.SIGKILL)
            worker.popen.wait()
            transaction.set_rollback(True)
    finally:
        worker.stop()
    assert TrialOutcome.objects.count() == HELD
    assert run.blocks.get(number=HELD).ended_at is None

    # The lock falls when PostgreSQL has seen that its holder is gone.
    wait_until(lambda: not runs.is_worked_on(run.pk), within=30)
    while runs.work_on_one(run.pk, at=timezone.now()):
        pass

    by_blocks = list(TrialOutcome.objects.order_by("trial_id").values())
    assert [block.tries for block in run.blocks.all()] == [1, 1, 2, 1]
    recompute_block([row["trial_id"] for row in by_blocks], at=run.asked_at)
    assert list(TrialOutcome.objects.order_by("trial_id").values()) == by_blocks
    assert len(by_blocks) == BLOCKS


def is_waiting() -> bool:
    """Whether another connection waits for a row of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
