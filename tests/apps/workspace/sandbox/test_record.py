"""What the record holds, told in the words in which a scenario expects it."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.diary.models import PatientDevice
from apps.diary.pairing import redeem_code
from apps.diary.schemas import AnswerBody, EntryBody, parse
from apps.diary.services import record_answers, record_entries
from apps.trials.models import StimulationTrial
from apps.workspace.demo.loading import NotADemo
from apps.workspace.sandbox.record import record_of
from apps.workspace.sandbox.trials import invite, new_trial

pytestmark = pytest.mark.django_db

AT = datetime(2026, 10, 12, 18, 0, tzinfo=UTC)
FACTS = {"diary_from": "2026-10-05", "zone": "Europe/Berlin", "diary_windows": "18:00-24:00"}
WHEN = {"captured_at": "2026-10-12T19:59:00+02:00", "zone": "Europe/Berlin", "language": "de"}


@pytest.fixture
def trial() -> StimulationTrial:
    return new_trial("plain", FACTS | {"lead_placed_on": "2026-10-10"}, at=AT)


@pytest.fixture
def phone(trial: StimulationTrial) -> PatientDevice:
    device, _ = redeem_code(invite(trial.pk, holder="patient", at=AT)["code"], label="", at=AT)
    return PatientDevice.objects.select_related("trial__clinic").get(pk=device.pk)


def score(value: int, **other: Any) -> EntryBody:
    pain = {"region": "target", "kind": "average", "instrument_version": "nrs-average-24h/1"}
    return parse(EntryBody, pain | WHEN | {"value": value} | other)


def test_every_answer_is_there_the_replaced_ones_too(trial: StimulationTrial, phone: PatientDevice) -> None:
    first, change, flags = (str(uuid.uuid4()) for _ in range(3))
    red = parse(
        AnswerBody,
        {"question": "red_flags", "answer": {"choices": ["fever"]}, "instrument_version": "red-flags/1"}
        | WHEN,
    )
    record_entries(
        [(first, score(7)), (change, score(4, supersedes=first))], by=phone, at=AT, request_id="test"
    )
    record_answers([(flags, red)], by=phone, at=AT, request_id="test")

    held = record_of(trial.pk)

    rows = {row["id"]: row for row in held["answers"]}
    assert {one: (row["question"], row["value"], row["supersedes"]) for one, row in rows.items()} == {
        first: ("target.average", 7, None),
        change: ("target.average", 4, first),
        flags: ("red_flags", ["fever"], None),
    }
    assert rows[first] == {
        "id": first,
        "question": "target.average",
        "value": 7,
        "diary_day": "2026-10-12",
        "window": 1,
        "timeliness": "on_time",
        "late_sync": False,
        "originator": "patient",
        "zone": "Europe/Berlin",
        "language": "de",
        "captured_at": "2026-10-12T19:59:00+02:00",
        "supersedes": None,
    }
    assert held["tasks"] == ["red_flag"]
    assert held["phones"] == [{"holder": "patient", "revoked": False}]


def test_what_was_parked_is_told_with_its_reason(trial: StimulationTrial, phone: PatientDevice) -> None:
    for value in (3, 5):
        record_entries([(str(uuid.uuid4()), score(value))], by=phone, at=AT, request_id="test")

    held = record_of(trial.pk)

    assert [row["value"] for row in held["answers"]] == [3]
    assert [row | {"id": ""} for row in held["parked"]] == [
        {"id": "", "question": "target.average", "value": 5, "diary_day": "2026-10-12", "why": "slot_taken"}
    ]
    assert held["tasks"] == ["answer_parked"]


def test_where_real_people_may_be_nothing_is_told(trial: StimulationTrial, settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(NotADemo):
        record_of(trial.pk)
