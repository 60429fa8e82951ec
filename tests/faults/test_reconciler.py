"""Redis is a doorbell: flushed, killed or replaced, every trial is brought up to date all the same.

Real processes: one Celery worker, one beat, PostgreSQL and a Valkey server that the tests kill.
"""

import json
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Clinic
from apps.outcomes import selectors
from apps.trials.models import StimulationTrial
from config.embedded.valkey import Valkey
from tests.factories import make_device, make_entry_body, make_trial
from tests.faults.processes import PATIENCE, Process, start_celery, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

#: Seconds that a verdict takes at most where nothing is broken and the machine is free.
DOORBELL = 5.0
#: Seconds that an answer takes at most when Redis is gone.
ANSWER = 1.5
TRIES = 3


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("celery")


@pytest.fixture
def worker(logs: Path, embedded_valkey: Valkey, transactional_db: None) -> Iterator[Process]:
    process = start_celery("worker", "--concurrency=1", "--loglevel=INFO", log=logs / "worker.log")
    wait_until(lambda: " ready" in process.log.read_text(), within=PATIENCE)
    yield process
    process.stop()


@pytest.fixture
def beat(logs: Path, embedded_valkey: Valkey, transactional_db: None) -> Iterator[Process]:
    process = start_celery("beat", "--loglevel=INFO", log=logs / "beat.log")
    wait_until(lambda: "beat: Starting" in process.log.read_text(), within=PATIENCE)
    yield process
    process.stop()


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic)


@pytest.fixture
def token(trial: StimulationTrial) -> str:
    return make_device(trial, at=timezone.now())[1]


def send_score(token: str) -> float:
    """Seconds that the phone waited for its 201."""
    begun = time.monotonic()
    response = Client().put(
        f"/api/v1/diary/entries/{uuid.uuid4()}",
        json.dumps(make_entry_body()),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 201, response.content
    return time.monotonic() - begun


def is_current(trial: StimulationTrial) -> bool:
    return trial.pk not in selectors.stale_trials(on=timezone.now().date())


def test_the_doorbell_brings_a_verdict_within_five_seconds(
    worker: Process, trial: StimulationTrial, token: str
) -> None:
    took = []
    for _ in range(TRIES):
        send_score(token)
        took.append(wait_until(lambda: is_current(trial), within=PATIENCE))

    # The best of some: other work on the machine makes one slow, a bell that nobody hears makes all slow.
    assert min(took) < DOORBELL


def test_a_flushed_queue_loses_no_score(
    worker: Process, beat: Process, embedded_valkey: Valkey, trial: StimulationTrial, token: str
) -> None:
    worker.popen.send_signal(signal.SIGSTOP)
    send_score(token)
    client = redis.Redis(unix_socket_path=str(embedded_valkey.socket_path))
    client.flushall()
    client.close()
    worker.popen.send_signal(signal.SIGCONT)

    wait_until(lambda: is_current(trial), within=PATIENCE)


def test_a_killed_redis_delays_no_answer_and_loses_no_score(
    worker: Process, beat: Process, embedded_valkey: Valkey, trial: StimulationTrial, token: str
) -> None:
    embedded_valkey.kill()

    assert min(send_score(token) for _ in range(TRIES)) < ANSWER
    # It stays dead: beat does the work itself.
    wait_until(lambda: is_current(trial), within=PATIENCE)


def test_an_empty_redis_in_its_place_is_used_again(
    worker: Process, beat: Process, embedded_valkey: Valkey, trial: StimulationTrial, token: str
) -> None:
    embedded_valkey.kill()
    send_score(token)
    embedded_valkey.start()

    wait_until(lambda: is_current(trial), within=PATIENCE)
    # The worker has found the new server: the doorbell rings again.
    wait_until(
        lambda: since_connected(worker) != "",
        within=PATIENCE,
    )
    send_score(token)
    # Beat judges by itself: what the worker is asked for came by the bell.
    wait_until(lambda: "outcomes.assess_trials" in since_connected(worker), within=PATIENCE)
    wait_until(lambda: is_current(trial), within=PATIENCE)


def since_connected(worker: Process) -> str:
    """What the worker has logged since it lost its broker and found one again; nothing before that."""
    lost = worker.log.read_text().rpartition("Connection to broker lost")
    return lost[2].partition("Connected to redis")[2] if lost[1] else ""


def test_a_worker_that_starts_catches_up_without_beat(
    embedded_valkey: Valkey, trial: StimulationTrial, token: str, logs: Path
) -> None:
    embedded_valkey.kill()
    send_score(token)
    embedded_valkey.start()
    assert not is_current(trial)

    process = start_celery("worker", "--concurrency=1", "--loglevel=INFO", log=logs / "late.log")
    try:
        wait_until(lambda: is_current(trial), within=PATIENCE)
    finally:
        process.stop()
