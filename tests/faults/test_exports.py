"""A file in the making survives its worker and its broker: a real worker is killed, Redis is flushed."""

import signal
from pathlib import Path

import pytest
import redis
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from apps.accounts.models import Clinic, User
from apps.cohorts import downloads, exporting
from apps.cohorts.exporting import ask_export
from apps.cohorts.models.jobs import ExportJob, ExportPart
from apps.cohorts.tasks import resume_exports, run_export
from config.embedded.valkey import Valkey
from tests.factories import make_entries, make_trial
from tests.factories.cohorts import make_kept_snapshot
from tests.faults.processes import start_celery, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
#: The part at which the worker is held up, and killed.
HELD = 3
TO_START = 120.0
#: Small parts, and no end to waiting for a lock.
SMALL = {"EXPORT_PART_ROWS": "2", "DATABASE_OPTIONS": "-c lock_timeout=0"}


@pytest.fixture
def job(clinic: Clinic, analyst: User) -> ExportJob:
    make_entries(make_trial(clinic=clinic), {f"2026-10-{day:02}": 4 for day in range(1, 11)})
    snapshot = make_kept_snapshot(clinic)
    return ask_export(snapshot, table="daily", kind="csv", person=analyst, at=timezone.now())


def test_a_flushed_bell_and_a_worker_killed_in_the_middle_cost_no_part_and_no_byte(
    job: ExportJob, embedded_valkey: Valkey, tmp_path: Path, settings: Settings
) -> None:
    run_export.ring(job_id=str(job.pk))
    client = redis.Redis(unix_socket_path=str(embedded_valkey.socket_path))
    client.flushall()
    client.close()
    worker = start_celery("worker", "--pool=solo", "--loglevel=INFO", log=tmp_path / "worker.log", **SMALL)
    try:
        wait_until(lambda: " ready" in worker.log.read_text(), within=TO_START)
        assert not ExportPart.objects.exists(), "the bell is gone"
        with transaction.atomic():
            # An open transaction has the row that the worker wants to add.
            ExportPart.objects.create(job=job, number=HELD, content=b"held up")
            resume_exports.apply_async(retry=False)  # What beat does each round.
            wait_until(lambda: job.parts.count() == HELD + 1, within=30)
            worker.popen.send_signal(signal.SIGKILL)
            worker.popen.wait()
            transaction.set_rollback(True)
    finally:
        worker.stop()
    kept = list(job.parts.values_list("number", "pk"))
    assert [number for number, _ in kept] == list(range(HELD))

    settings.EXPORT_PART_ROWS = 2
    # The lock falls when PostgreSQL has seen that its holder is gone.
    wait_until(lambda: is_done(job), within=30)

    assert list(job.parts.values_list("number", "pk"))[:HELD] == kept
    assert b"".join(exporting.pieces_of(job.pk)) == b"".join(
        downloads.write_table(job.snapshot, "daily", "csv")
    )


def is_done(job: ExportJob) -> bool:
    run_export(job_id=str(job.pk))
    job.refresh_from_db()
    return job.state == "done"
