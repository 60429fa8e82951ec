"""GET today: what to ask now and on the days to come, and what was answered; never a verdict, never the past.

The view reads the machine's clock, so days are counted from it; what a day holds at a given instant is told
with the instant.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Clinic
from apps.diary.day import asking_of, today_json
from apps.diary.models import PatientDevice
from apps.trials.models import StimulationTrial
from tests.apps.diary.phone import Phone, refusal
from tests.factories import NOW, make_answer_body, make_device, make_entry_body, make_trial

pytestmark = pytest.mark.django_db
TODAY, BERLIN = "diary/today", ZoneInfo("Europe/Berlin")
DAYS_SHOWN = 1 + 1 + 14  # yesterday, today, two weeks


@pytest.fixture
def running(clinic: Clinic) -> StimulationTrial:
    """A trial that is running on the day the test is."""
    day = timezone.now().date()
    return make_trial(
        clinic=clinic,
        diary_from=day - timedelta(days=9),
        lead_placed_on=day - timedelta(days=3),
        planned_end_on=day + timedelta(days=4),
        diary_windows="18:00-24:00",
    )


@pytest.fixture
def now_phone(running: StimulationTrial) -> Phone:
    return Phone(make_device(running, at=timezone.now())[1])


def told(trial: StimulationTrial, *, at: datetime = NOW, zone: str = "Europe/Berlin") -> dict[str, Any]:
    device: PatientDevice = make_device(trial)[0]
    device = PatientDevice.objects.select_related("trial__clinic", "trial__patient").get(pk=device.pk)
    return today_json(device, asking_of(device, zone=zone, language="en", at=at), at=at)


def windows_of(today: dict[str, Any], day: str) -> list[dict[str, Any]]:
    (found,) = [one["windows"] for one in today["days"] if one["diary_day"] == day]
    return list(found)


def test_it_has_a_tag_and_says_when_nothing_changed(now_phone: Phone) -> None:
    first = now_phone.get(TODAY)
    again = now_phone.get(TODAY, If_None_Match=first["ETag"])
    other = now_phone.get(TODAY, If_None_Match='"another"')

    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert (again.content, again["ETag"]) == (b"", first["ETag"])
    assert datetime.fromisoformat(first.json()["server_time"]).utcoffset() == timedelta()


def test_an_answer_changes_the_tag_and_appears_with_its_receipt(now_phone: Phone) -> None:
    first = now_phone.get(TODAY)
    yesterday = {
        "captured_at": timezone.now().astimezone(UTC).isoformat(),
        "zone": "UTC",
        "about": "yesterday",
    }
    sent = now_phone.entry(make_entry_body(value=7, **yesterday))
    assert sent.status_code == 201, sent.content

    after = now_phone.get(f"{TODAY}?zone=UTC", If_None_Match=first["ETag"])

    (window,) = windows_of(after.json(), sent.json()["diary_day"])
    given = window["answered"]["target.average"]
    assert (given["id"], given["receipt"]) == (sent.json()["id"], sent.json()["receipt"])


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [("", "", "en"), ("?lang=es", "de", "es"), ("", "de-DE,de;q=0.9", "en"), ("?lang=xx", "", "en")],
)
def test_it_speaks_the_language_that_was_asked_for_else_the_patients(
    now_phone: Phone, query: str, header: str, language: str
) -> None:
    answer = now_phone.get(TODAY + query, Accept_Language=header)

    assert (answer.json()["language"], answer["Content-Language"]) == (language, language)
    wordings = [question["wording"]["text"] for question in answer.json()["questions"].values()]
    assert all(wordings)


def test_an_unknown_zone_is_refused(now_phone: Phone) -> None:
    assert refusal(now_phone.get(f"{TODAY}?zone=Mars/Olympus")) == (
        400,
        "invalid",
        [("/zone", "unknown_zone")],
    )


def test_it_runs_from_yesterday_to_two_weeks_ahead(clinic: Clinic) -> None:
    days = told(make_trial(clinic=clinic))["days"]

    first = date(2026, 10, 11)
    assert [day["diary_day"] for day in days] == [str(first + timedelta(days=n)) for n in range(DAYS_SHOWN)]


def test_it_never_runs_past_the_end(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    trial.ended_on = date(2026, 10, 13)
    device = make_device(trial)[0]
    device.trial = trial

    days = today_json(device, asking_of(device, zone="UTC", language="en", at=NOW), at=NOW)["days"]

    assert [day["diary_day"] for day in days] == ["2026-10-11", "2026-10-12", "2026-10-13"]


def test_windows_are_wall_clock_minutes_that_a_phone_compares_with_its_own(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, diary_windows="07:00-10:00, 18:00-24:00")

    windows = windows_of(told(trial), "2026-10-25")  # a day of 25 hours in Berlin

    assert [(w["number"], w["opens"], w["closes"], w["grace_until"]) for w in windows] == [
        (1, "2026-10-25T07:00", "2026-10-25T10:00", "2026-10-25T10:15"),
        (2, "2026-10-25T18:00", "2026-10-26T00:00", "2026-10-26T00:15"),
    ]


def test_without_windows_a_day_is_one_without_a_number_and_without_grace(clinic: Clinic) -> None:
    (window,) = windows_of(told(make_trial(clinic=clinic, day_starts_at_hour=3)), "2026-10-12")

    assert window["number"] is None
    assert (window["opens"], window["closes"]) == ("2026-10-12T03:00", "2026-10-13T03:00")
    assert window["grace_until"] == window["closes"]


def test_the_day_is_the_one_of_the_patients_wall(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    at = datetime(2026, 10, 12, 23, 30, tzinfo=UTC)

    assert told(trial, at=at)["diary_day"] == "2026-10-13"
    assert told(trial, at=at, zone="America/New_York")["diary_day"] == "2026-10-12"
    assert told(trial, at=at, zone="Pacific/Kiritimati")["diary_day"] == "2026-10-13"


ASKS = [
    # day            what belongs to it        what does not
    ("2026-10-11", {"stated_relief", "go_ahead", "red_flags"}, {"global_change", "note"}),
    ("2026-10-15", {"global_change", "trial_satisfaction", "red_flags"}, {"note"}),
]


@pytest.mark.parametrize(("day", "asked", "not_asked"), ASKS)
def test_a_day_asks_what_its_phase_asks(
    clinic: Clinic, day: str, asked: set[str], not_asked: set[str]
) -> None:
    today = told(make_trial(clinic=clinic))

    (window,) = windows_of(today, day)
    assert asked <= set(window["asks"])
    assert not not_asked & set(window["asks"])
    assert window["asks"][0] == "target.average"
    assert set(window["asks"]) <= set(today["questions"])
    assert "note" in today["questions"]


def test_before_the_leads_nothing_of_the_trial_is_asked(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, phase="baseline_diary", lead_placed_on=None)

    (window,) = windows_of(told(trial), "2026-10-12")

    assert not {"stated_relief", "stimulation_use", "red_flags", "go_ahead"} & set(window["asks"])


def test_a_goal_further_regions_and_what_is_left_out_shape_the_day(clinic: Clinic) -> None:
    trial = make_trial(
        clinic=clinic, goal="walk to the bakery", other_regions="wound", left_out="analgesics, sleep"
    )

    today = told(trial)

    asks = set(windows_of(today, "2026-10-12")[0]["asks"])
    assert {"goal_activity", "wound.average"} <= asks
    assert not {"analgesics", "sleep"} & asks
    assert "walk to the bakery" in today["questions"]["goal_activity"]["wording"]["text"]


def test_only_the_newest_of_a_chain_is_shown_as_answered(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic, diary_windows="18:00-24:00")
    phone, base, changed = Phone(make_device(trial)[1]), str(uuid.uuid4()), str(uuid.uuid4())
    phone.entry(make_entry_body(value=9), entry_id=base)
    phone.entry(make_entry_body(value=2, supersedes=base), entry_id=changed)
    phone.answer(make_answer_body())

    (window,) = windows_of(told(trial), "2026-10-12")

    assert (window["answered"]["target.average"]["id"], window["answered"]["target.average"]["value"]) == (
        changed,
        2,
    )
    assert window["answered"]["sleep"]["answer"] == {"number": 6}


def test_no_verdict_and_no_score_of_another_day_is_in_it(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    phone = Phone(make_device(trial)[1])
    phone.entry(make_entry_body(captured_at="2026-10-09T20:00:00+02:00"))

    text = str(told(trial)).lower()

    assert "2026-10-09" not in text
    assert not [word for word in ("verdict", "percent", "reduction", "responder", "met'") if word in text]


STATES = [
    ("authorised", "not_started"),
    ("baseline_diary", "baseline"),
    ("lead_placed", "trial"),
    ("trial_active", "trial"),
    ("ended", "ended"),
    ("decision_pending", "ended"),
    ("decided", "closed"),
    ("cancelled", "closed"),
]


@pytest.mark.parametrize(("phase", "state"), STATES)
def test_the_state_of_the_trial_is_one_of_five_words(clinic: Clinic, phase: str, state: str) -> None:
    trial = make_trial(clinic=clinic, phase=phase)
    if state == "not_started":
        trial = make_trial(clinic=clinic, phase=phase, lead_placed_on=None)

    today = told(trial)

    assert today["trial"]["state"] == state
    assert bool(today["days"]) is (state != "closed")


def test_the_statements_of_a_day_are_counted(
    now_phone: Phone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Token, patient, clinic, consent, answered days, scores, other answers.
    with django_assert_num_queries(7):
        now_phone.get(TODAY)


# fmt: off
AREAS = [
    # language  the target as the patient reads it
    ("en",      "low back, left foot, behind the knee"),
    ("es",      "parte baja de la espalda, pie izquierdo, behind the knee"),
    ("de",      "unterer Rücken, linker Fuß, behind the knee"),
]
# fmt: on


@pytest.mark.parametrize(("language", "area"), AREAS)
def test_a_target_of_the_body_map_is_told_in_the_patients_language(
    running: StimulationTrial, language: str, area: str
) -> None:
    regions = {"target_regions": "low_back, foot_left", "target_area": "behind the knee"}
    StimulationTrial.objects.filter(pk=running.pk).update(**regions)
    device = PatientDevice.objects.select_related("trial__clinic", "trial__patient").get(
        pk=make_device(running)[0].pk
    )
    now = timezone.now()

    today = today_json(device, asking_of(device, zone="Europe/Berlin", language=language, at=now), at=now)

    assert today["trial"]["target_area"] == area
    assert area in today["questions"]["target.average"]["wording"]["text"]
