"""What is not this phone's does not exist: same answer, same time, whoever it belongs to."""

import json
import time
import uuid

import pytest

from apps.diary.models import DiaryEntry
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import BATCH, Ask, entry_path
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.conftest import FOREIGN_ENTRY
from tests.bad_inputs.service import Phone, faults_of
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
CALLS, MOST_APART = 200, 0.005


def get(entry_id: str) -> Ask:
    return Ask("GET", entry_path(entry_id), b"", 404, code="not_found")


@covers("I022")
def test_a_foreign_answer_reads_as_an_unknown_one(phone: Phone, foreign: Phone) -> None:
    bodies = []
    for entry_id in (FOREIGN_ENTRY, str(uuid.uuid4())):
        ask = get(entry_id)
        answer = phone.ask(ask)
        assert faults_of(ask, answer) == []
        bodies.append(answer.response.content.replace(answer.json["request_id"].encode(), b"-"))

    assert bodies[0] == bodies[1]


def least_seconds(phone: Phone, entry_ids: list[str]) -> tuple[float, ...]:
    """By id; taken in turns. Other work on the machine only adds to the time, and never to every call."""
    spent: dict[str, list[float]] = {entry_id: [] for entry_id in entry_ids}
    headers = {"Authorization": f"Bearer {phone.token}"}
    for _ in range(CALLS):
        for entry_id in entry_ids:
            begun = time.perf_counter()
            phone.client.get(entry_path(entry_id), headers=headers)
            spent[entry_id].append(time.perf_counter() - begun)
    return tuple(map(min, spent.values()))


@covers("I022")
def test_the_time_of_the_answer_does_not_tell_either(phone: Phone, foreign: Phone) -> None:
    known, unknown = least_seconds(phone, [FOREIGN_ENTRY, str(uuid.uuid4())])

    assert abs(known - unknown) < MOST_APART


@covers("I025", "K017")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_decided_trial_takes_no_answer_and_no_change(
    trial: StimulationTrial, phone: Phone, method: str
) -> None:
    stored = entry_path()
    body = make_entry_body()
    assert phone.ask(Ask("PUT", stored, json.dumps(body).encode(), 201)).status == 201
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase="decided", ended_on="2026-10-15", end_reason="success"
    )
    base = str(DiaryEntry.objects.get().pk)

    status, code = (409, "trial_closed") if method == "PUT" else (405, "method_not_allowed")
    for path, change in ((entry_path(), {"supersedes": base}), (entry_path(), {"value": 9})):
        ask = Ask(method, path, json.dumps(body | change).encode(), status, code=code)
        assert faults_of(ask, phone.ask(ask)) == []


@covers("K009")
def test_an_id_of_another_patient_is_refused_as_unknown_and_remarked(phone: Phone, foreign: Phone) -> None:
    ask = Ask(
        "PUT", entry_path(FOREIGN_ENTRY), json.dumps(make_entry_body(value=9)).encode(), 404, code="not_found"
    )

    answer = phone.ask(ask)

    assert faults_of(ask, answer) == []
    assert answer.log[0].endswith("404 not_found (an id of another trial)")
    assert DiaryEntry.objects.get(pk=FOREIGN_ENTRY).value == make_entry_body()["value"]


@covers("B007")
def test_a_foreign_item_leaves_the_others_of_its_batch_alone(phone: Phone, foreign: Phone) -> None:
    items = [
        make_entry_body(id=entry_id) for entry_id in (str(uuid.uuid4()), FOREIGN_ENTRY, str(uuid.uuid4()))
    ]
    ask = Ask("POST", BATCH, json.dumps({"entries": items}).encode(), 207, items=(201, 404, 201))

    assert faults_of(ask, phone.ask(ask)) == []
