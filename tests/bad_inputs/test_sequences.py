"""Sending again, and sending otherwise: one row, and what is stored stays as it is."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.diary.models import DiaryEntry, ParkedAnswer, PatientDevice, StaffTask
from apps.diary.schemas import EntryBody, parse
from apps.diary.services import Taken, record_entries
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import BATCH, Ask, entry_path
from tests.bad_inputs.catalogue import covers
from tests.bad_inputs.service import Phone, faults_of
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
DEVICE = "/api/v1/device"


def put(entry_id: str, body: dict[str, Any], status: int, *, code: str = "") -> Ask:
    return Ask("PUT", entry_path(entry_id), json.dumps(body).encode(), status, code=code)


@covers("K004")
def test_an_answer_sent_again_400_days_later_is_the_stored_one(
    trial: StimulationTrial, device: tuple[PatientDevice, str], phone: Phone
) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    entry_id = str(uuid.uuid4())
    body = make_entry_body(captured_at=long_ago.replace(microsecond=0).isoformat(), zone="UTC")
    (first,) = record_entries(
        [(entry_id, parse(EntryBody, body))], by=device[0], at=long_ago, request_id="first"
    )
    assert isinstance(first, Taken)
    StimulationTrial.objects.filter(pk=trial.pk).update(
        phase="decided", ended_on=trial.lead_placed_on, end_reason="success"
    )

    ask = put(entry_id, body, 200)
    answer = phone.ask(ask)

    assert faults_of(ask, answer) == []
    assert answer.json["received_at"] == long_ago.isoformat()


@covers("K005")
def test_key_order_and_white_space_do_not_make_another_answer(phone: Phone) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    first = phone.ask(put(entry_id, body, 201))

    for raw in (
        json.dumps(dict(reversed(body.items()))),
        json.dumps(body, indent=7),
        f"\r\n\t {json.dumps(body)} \n",
    ):
        ask = Ask("PUT", entry_path(entry_id), raw.encode(), 200)
        again = phone.ask(ask)
        assert faults_of(ask, again) == []
        assert again.response.content == first.response.content


@covers("K007", "B006")
@pytest.mark.parametrize("times", [2, 500])
def test_one_answer_many_times_in_a_batch_is_one_row(phone: Phone, times: int) -> None:
    one = make_entry_body(id=str(uuid.uuid4()))
    raw = json.dumps({"entries": [one] * times}).encode()

    for first in (201, 200):
        ask = Ask("POST", BATCH, raw, 207, items=(first,) + (200,) * (times - 1))
        assert faults_of(ask, phone.ask(ask)) == []


OTHERS: list[dict[str, Any]] = [
    {"value": 5},
    {"captured_at": "2026-10-12T19:31:00+02:00"},
    {"captured_at": "2026-10-12T17:30:00Z", "zone": "UTC"},
    {"kind": "worst", "instrument_version": "nrs-worst-24h/1"},
    {"region": "wound"},
    {"app_version": "2"},
    {"originator": "proxy"},
    {"begun_at": "2026-10-12T19:29:00+02:00"},
    {"about": "yesterday"},
    {"language": "de"},
    {"clock_error_seconds": 0},
    {"supersedes": str(uuid.uuid4())},
]


@covers("K010")
@pytest.mark.parametrize("change", OTHERS, ids=[next(iter(change)) for change in OTHERS])
def test_another_answer_under_a_stored_id_is_refused_and_the_stored_one_stays(
    phone: Phone, change: dict[str, Any]
) -> None:
    entry_id, body = str(uuid.uuid4()), make_entry_body()
    phone.ask(put(entry_id, body, 201))
    before = DiaryEntry.objects.values().get(pk=entry_id)

    ask = put(entry_id, body | change, 409, code="entry_conflict")

    assert faults_of(ask, phone.ask(ask)) == []
    assert DiaryEntry.objects.values().get(pk=entry_id) == before


@covers("K012")
def test_a_second_answer_for_a_slot_is_refused_kept_and_shown_to_staff(
    trial: StimulationTrial, phone: Phone
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-24:00")
    phone.ask(put(str(uuid.uuid4()), make_entry_body(value=4), 201))
    second = str(uuid.uuid4())

    for _ in range(2):
        ask = put(second, make_entry_body(value=5), 409, code="slot_taken")
        assert faults_of(ask, phone.ask(ask)) == []

    assert DiaryEntry.objects.get().value == 4
    assert [(row.why, row.body["value"]) for row in ParkedAnswer.objects.all()] == [("slot_taken", 5)]
    assert list(StaffTask.objects.values_list("kind", "subject")) == [("answer_parked", second)]


@covers("K016")
def test_an_answer_cannot_be_changed_once_its_window_has_closed(
    trial: StimulationTrial, phone: Phone
) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(diary_windows="18:00-20:00")
    base = str(uuid.uuid4())
    phone.ask(put(base, make_entry_body(), 201))
    late = make_entry_body(value=9, supersedes=base, captured_at="2026-10-12T20:00:00+02:00")

    ask = put(str(uuid.uuid4()), late, 400, code="window_closed")

    assert faults_of(ask, phone.ask(ask)) == []


SETTINGS = {
    "label": "My phone",
    "language": "en",
    "zone": "Europe/Berlin",
    "reminders": {"push": False, "email": False, "sms": False},
}


@covers("K013")
@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        ("", 428, "if_match_required"),
        ('"0-0"', 412, "changed_meanwhile"),
        ("*", 412, "changed_meanwhile"),
        ('W/"0-0"', 412, "changed_meanwhile"),
        ("x" * 5000, 412, "changed_meanwhile"),
    ],
)
def test_settings_are_changed_only_as_they_were_last_read(
    device: tuple[PatientDevice, str], phone: Phone, if_match: str, status: int, code: str
) -> None:
    ask = Ask("PUT", DEVICE, json.dumps(SETTINGS).encode(), status, code=code, headers={"If-Match": if_match})

    assert faults_of(ask, phone.ask(ask)) == []
    assert PatientDevice.objects.get(pk=device[0].pk).version == 1


@covers("K013")
@pytest.mark.parametrize("method", ["PATCH", "DELETE", "POST"])
def test_a_stored_answer_is_neither_patched_nor_deleted(phone: Phone, method: str) -> None:
    entry_id = str(uuid.uuid4())
    phone.ask(put(entry_id, make_entry_body(), 201))

    ask = Ask(method, entry_path(entry_id), b'{"value": 0}', 405, code="method_not_allowed")

    assert faults_of(ask, phone.ask(ask)) == []
