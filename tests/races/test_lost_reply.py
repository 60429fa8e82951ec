"""The worker dies between commit and answer: the phone asks again and is told what is stored."""

import http.client
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.diary.models import DiaryAnswer, DiaryEntry, ParkedAnswer, StaffTask
from apps.trials.models import StimulationTrial
from tests.factories import make_answer_body, make_entry_body
from tests.faults.processes import PATIENCE, wait_until
from tests.races.web import HOST, Web, running_web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults, pytest.mark.timeout(300)]
ROUNDS = 10


@pytest.fixture
def fail_point(tmp_path: Path) -> Path:
    return tmp_path / "fail"


@pytest.fixture
def web(tmp_path: Path, fail_point: Path, transactional_db: None) -> Iterator[Web]:
    app = "tests.races.failing_app:application"
    # Loaded before they are forked: the next worker is there at once.
    more = ("--workers", "2", "--preload")
    with running_web(tmp_path / "web.log", app=app, more=more, FAIL_POINT=str(fail_point)) as web:
        yield web


@pytest.fixture
def trial(trial: StimulationTrial) -> StimulationTrial:
    """Any number of answers a day, so that each round has an answer of its own."""
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="")
    return trial


def put(web: Web, token: str, path: str, body: dict[str, Any]) -> int:
    """The status; 0 when the connection ended without an answer."""
    wire = http.client.HTTPConnection(HOST, web.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": "testserver"}
    try:
        wire.request("PUT", f"/api/v1/diary/{path}", json.dumps(body), headers)
        return wire.getresponse().status
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return 0
    finally:
        wire.close()


SENT = [
    ("entries", make_entry_body()),
    # With a warning sign: the answer and the task for staff are one transaction.
    ("answers", make_answer_body("red_flags", {"choices": ["fever"]})),
]


def test_a_reply_that_was_lost_with_its_worker_is_given_again(
    web: Web, fail_point: Path, trial: StimulationTrial, tokens: list[str]
) -> None:
    seen = []
    for number in range(ROUNDS):
        resource, body = SENT[number % len(SENT)]
        path = f"{resource}/{uuid.uuid4()}"
        fail_point.touch()
        seen.append([put(web, tokens[0], path, body) for _ in range(3)])
        assert not fail_point.exists()

    assert seen == [[0, 200, 200]] * ROUNDS
    assert (DiaryEntry.objects.count(), DiaryAnswer.objects.count()) == (ROUNDS / 2, ROUNDS / 2)
    assert AuditEvent.objects.filter(action="create", object_type__startswith="diary_").count() == ROUNDS
    assert StaffTask.objects.filter(kind="red_flag").count() == ROUNDS / 2
    assert ParkedAnswer.objects.count() == 0
    # Ten died, and each is replaced; the last one's successor may still be starting.
    wait_until(lambda: len(web.worker_pids()) >= 2 + ROUNDS, within=PATIENCE)
