"""Phones whose clock or zone is wrong, and days that have not come: kept, flagged, or refused by rule."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.schemas import EntryBody, parse
from apps.diary.services import Taken, record_entries
from apps.trials.models import StimulationTrial
from tests.bad_inputs.asks import Ask, entry_path
from tests.bad_inputs.catalogue import CASES, covers
from tests.bad_inputs.service import Answer, Phone, faults_of
from tests.factories import make_entry_body

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def put(status: int, *, code: str = "", pointer: str = "", **fields: Any) -> Ask:
    body = make_entry_body(**fields)
    return Ask("PUT", entry_path(), json.dumps(body).encode(), status, pointer, code)


def checked(phone: Phone, ask: Ask) -> Answer:
    answer = phone.ask(ask)
    assert faults_of(ask, answer) == []
    return answer


def at(instant: datetime, zone: str = "UTC") -> dict[str, str]:
    local = instant.replace(microsecond=0).astimezone(ZoneInfo(zone))
    return {"captured_at": local.isoformat(), "zone": zone}


def ask_ahead(phone: Phone, ahead: timedelta, status: int, *, code: str = "", patience: int = 5) -> Answer:
    """Asked again when the second that counts went by on a busy machine."""
    begun = timezone.now()
    text = (begun + ahead).isoformat()
    answer = phone.ask(put(status, code=code, captured_at=text, zone="UTC"))
    too_slow = timezone.now() - begun > timedelta(seconds=1)
    if answer.status != status and too_slow and patience:
        return ask_ahead(phone, ahead, status, code=code, patience=patience - 1)
    return answer


@covers("T049")
def test_a_clock_may_be_five_minutes_ahead(phone: Phone) -> None:
    assert ask_ahead(phone, timedelta(minutes=4, seconds=59), 201).status == 201


@covers("T051")
def test_a_clock_further_ahead_is_told_the_time_of_the_server(phone: Phone) -> None:
    answer = ask_ahead(phone, timedelta(minutes=5, seconds=1), 400)

    (error,) = answer.json["errors"]
    assert (answer.status, error["code"]) == (400, "in_the_future")
    told = datetime.fromisoformat(error["detail"].split()[-1].rstrip("."))
    assert abs(timezone.now() - told) < timedelta(seconds=30)


@covers("T052")
@pytest.mark.parametrize("days", [1, 365, 365 * 20])
def test_a_day_that_has_not_come_is_refused(phone: Phone, days: int) -> None:
    ahead = at(timezone.now() + timedelta(days=days))

    checked(phone, put(400, code="in_the_future", pointer="/captured_at", **ahead))


@covers("T055", "T056")
@pytest.mark.parametrize("text", [CASES["T055"].content, CASES["T056"].content.partition(" ")[0]])
def test_the_day_of_a_flat_battery_is_refused(phone: Phone, text: str) -> None:
    checked(phone, put(400, code="before_diary", pointer="/captured_at", captured_at=text, zone="UTC"))


@covers("T057", "L002")
@pytest.mark.parametrize("days", [1, 3, 30])
def test_a_backlog_is_taken_and_flagged_however_late_it_comes(phone: Phone, days: int) -> None:
    captured = timezone.now() - timedelta(days=days)

    answer = checked(phone, put(201, **at(captured)))

    assert (answer.json["late_sync"], answer.json["diary_day"]) == (True, captured.date().isoformat())


@covers("L005")
def test_a_zone_that_was_set_by_hand_needs_its_own_offset(phone: Phone) -> None:
    berlin = datetime(2026, 7, 1, 20, 0, tzinfo=BERLIN)

    checked(
        phone,
        put(400, code="offset_zone_mismatch", captured_at=berlin.isoformat(), zone="Asia/Tokyo"),
    )
    moved = checked(phone, put(201, **at(berlin, "Asia/Tokyo")))

    # 20:00 in Berlin is 03:00 of the next day in Tokyo: the day that the phone shows is the day.
    assert moved.json["diary_day"] == "2026-07-02"


@covers("L006")
@pytest.mark.parametrize("error", [-3 * 86_400, -1, 0, 1, 3 * 86_400])
def test_a_clock_error_is_stored_with_the_corrected_time(phone: Phone, error: int) -> None:
    captured = timezone.now() - timedelta(hours=1)

    answer = checked(phone, put(201, clock_error_seconds=error, **at(captured)))

    stored = DiaryEntry.objects.get()
    assert stored.clock_error_seconds == error
    assert stored.captured_at == captured.replace(microsecond=0)
    assert datetime.fromisoformat(answer.json["captured_at"]) == stored.captured_at


@pytest.mark.parametrize("error", ["315360001", "-315360001", "1.0", '"60"', "true", "99999999999999999999"])
def test_a_clock_error_of_no_clock_is_refused(phone: Phone, error: str) -> None:
    raw = json.dumps(make_entry_body(clock_error_seconds="<>")).replace('"<>"', error).encode()

    checked(phone, Ask("PUT", entry_path(), raw, 400, "/clock_error_seconds"))


@covers("L013")
def test_days_of_a_trial_over_a_clock_change_and_a_flight_are_each_there_once(phone: Phone) -> None:
    evenings = [
        *[(datetime(2026, 3, day, 20, 0, tzinfo=BERLIN), "Europe/Berlin") for day in (27, 28, 29, 30)],
        (datetime(2026, 3, 31, 20, 0, tzinfo=ZoneInfo("America/New_York")), "America/New_York"),
        (datetime(2026, 4, 1, 20, 0, tzinfo=ZoneInfo("America/New_York")), "America/New_York"),
    ]

    days = [checked(phone, put(201, **at(moment, zone))).json["diary_day"] for moment, zone in evenings]

    assert days == [f"2026-03-{day}" for day in (27, 28, 29, 30, 31)] + ["2026-04-01"]


@covers("T004", "D011")
@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        (CASES["T004"].content, "UTC", "2028-02-29"),
        (CASES["D011"].content[1], CASES["D011"].content[0], CASES["D011"].content[2]),
    ],
)
def test_a_day_to_come_is_taken_when_it_has_come(
    device: tuple[PatientDevice, str], trial: StimulationTrial, text: str, zone: str, day: str
) -> None:
    body = parse(EntryBody, make_entry_body(captured_at=text, zone=zone))
    now = datetime.fromisoformat(text).astimezone(UTC)

    for clock, taken in ((now - timedelta(minutes=5, seconds=1), False), (now, True)):
        (outcome,) = record_entries([(str(uuid.uuid4()), body)], by=device[0], at=clock, request_id="told")
        assert isinstance(outcome, Taken) is taken

    assert DiaryEntry.objects.get().diary_day.isoformat() == day
