"""Reminders over an evening: who gets which, when, in which words, and when no more."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries, Settings

from apps.accounts.models import Clinic
from apps.diary import reminding
from apps.diary.channels import HANDED_OVER, Result
from apps.diary.models import PatientDevice, Reminder, ReminderPolicy
from apps.diary.phones import move_patient
from apps.diary.wording import wording
from apps.patients.models import Patient, PatientIdentity
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.factories import make_device, make_entries, make_trial
from tests.sinks import MailServer, mail_server

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 12)
PAIRED = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def berlin(clock: str, *, day: date = DAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def console(tmp_path: Path, settings: Settings) -> Path:
    settings.NOTIFY_CONSOLE = str(tmp_path / "console.log")
    return tmp_path / "console.log"


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, diary_windows="18:00-22:00")


@pytest.fixture
def phone(trial: StimulationTrial) -> PatientDevice:
    return asked(trial, remind_by_email=True)


def asked(trial: StimulationTrial, **settings: Any) -> PatientDevice:
    """A phone whose reminders are switched on like that."""
    device, _ = make_device(trial, at=PAIRED)
    PatientDevice.objects.filter(pk=device.pk).update(**settings)
    return device


def look(at: datetime) -> int:
    """What a beat and a worker do at that moment; the number of messages."""
    count = 0
    for due in list(reminding.find_due(reminding.remindable(), at=at)):
        for claim in reminding.claim(due.trial.pk, at=at):
            reminding.settle(claim, reminding.deliver(claim), at=at)
            count += 1
    return count


def evening(*, until: str = "22:30") -> list[str]:
    """Clock and step of all reminders, with a look every 15 minutes since five in the afternoon."""
    now = berlin("17:00")
    while now <= berlin(until):
        look(now)
        now += timedelta(minutes=15)
    return logged()


def logged() -> list[str]:
    zone = ZoneInfo("Europe/Berlin")
    return [
        f"{one.claimed_at.astimezone(zone):%H:%M} {one.step} {one.channel} {one.state}"
        for one in Reminder.objects.order_by("claimed_at", "id")
    ]


def lines(console: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in console.read_text(encoding="utf-8").splitlines()]


def test_an_unanswered_evening_has_three_reminders(phone: PatientDevice, console: Path) -> None:
    expected = ["18:00 open console sent", "20:00 later console sent", "21:00 last console sent"]

    assert evening() == expected

    texts = wording("en").reminder
    bodies = [texts["body_open"], texts["body_later"], texts["body_last"]]
    assert [(line["title"], line["body"]) for line in lines(console)] == [
        (texts["title"], body) for body in bodies
    ]


def test_a_new_day_begins_anew(phone: PatientDevice, console: Path) -> None:
    assert len(evening()) == 3

    assert look(berlin("18:00", day=DAY + timedelta(days=1))) == 1


def test_an_answer_ends_the_reminders(trial: StimulationTrial, phone: PatientDevice, console: Path) -> None:
    evening(until="19:00")
    make_entries(trial, {"2026-10-12": 4}, captured_at="2026-10-12T19:30:00+02:00", zone="Europe/Berlin")

    assert evening() == ["18:00 open console sent"]


def test_an_answer_to_another_day_ends_nothing(
    trial: StimulationTrial, phone: PatientDevice, console: Path
) -> None:
    make_entries(trial, {"2026-10-11": 4}, captured_at="2026-10-11T19:30:00+02:00", zone="Europe/Berlin")

    assert len(evening()) == 3


def test_looking_twice_sends_once(phone: PatientDevice, console: Path) -> None:
    assert [look(berlin("18:00")), look(berlin("18:00")), look(berlin("18:01"))] == [1, 0, 0]


@pytest.mark.parametrize(
    ("windows", "steps"),
    [
        ("17:00-23:00", ["open", "later", "last"]),
        ("18:30-22:00", ["open", "last"]),
        ("07:00-10:00, 18:00-22:00", ["open", "last"]),
        ("", ["open", "later", "last"]),
    ],
)
def test_an_edited_diary_sends_nothing_again(
    trial: StimulationTrial, phone: PatientDevice, console: Path, windows: str, steps: list[str]
) -> None:
    """onnela-lab/beiwe-backend issue 350: an edited question re-sent every past reminder."""
    evening(until="18:20")
    StimulationTrial.objects.filter(pk=trial.pk).update(
        diary_windows=windows, goal="walk to the bakery", target_area="left leg"
    )

    assert evening(until="18:55") == ["18:00 open console sent"]
    assert [line.split()[1] for line in evening()] == steps


def test_a_machine_that_died_in_between_leaves_its_trace_and_no_second_message(
    trial: StimulationTrial, phone: PatientDevice, console: Path
) -> None:
    assert len(reminding.claim(trial.pk, at=berlin("18:00"))) == 1

    assert evening(until="19:55") == ["18:00 open console claimed"]
    assert not console.exists()


def test_a_flight_to_the_west_does_not_begin_the_evening_anew(
    trial: StimulationTrial, phone: PatientDevice, console: Path
) -> None:
    evening(until="20:30")
    move_patient(trial.patient, zone="America/New_York", by="device:1", at=berlin("20:45"))

    # Six in the evening in New York is midnight in Berlin: the same diary day.
    midnight = berlin("00:00", day=DAY + timedelta(days=1))
    assert [look(midnight + timedelta(minutes=15 * n)) for n in range(20)].count(1) == 1
    assert logged()[-1] == "03:00 last console sent"


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Asia/Tokyo", "2026-10-12T09:00"),
        ("Pacific/Kiritimati", "2026-10-12T04:00"),
        ("Pacific/Pago_Pago", "2026-10-13T05:00"),
    ],
)
def test_six_in_the_evening_is_the_patients_own(
    trial: StimulationTrial, phone: PatientDevice, console: Path, zone: str, first: str
) -> None:
    Patient.objects.filter(pk=trial.patient_id).update(zone=zone)
    begin = datetime.fromisoformat(f"{first}+00:00")

    assert look(begin - timedelta(seconds=1)) == 0
    assert look(begin) == 1
    assert Reminder.objects.get().diary_day == DAY


def test_a_clinic_sets_quiet_hours_and_how_many(
    trial: StimulationTrial, phone: PatientDevice, console: Path
) -> None:
    ReminderPolicy.objects.create(clinic=trial.clinic, quiet_from=time(20), quiet_to=time(19), most_a_day=1)

    assert evening() == ["19:00 open console sent"]


def phases(*names: Phase) -> list[Callable[[StimulationTrial], None]]:
    return [lambda trial, name=name: change(trial, phase=name.value) for name in names]  # type: ignore[misc]


def change(trial: StimulationTrial, **fields: Any) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(**fields)


def change_phone(trial: StimulationTrial, **fields: Any) -> None:
    PatientDevice.objects.filter(trial=trial).update(**fields)


# fmt: off
SILENCE: dict[str, Callable[[StimulationTrial], Any]] = {
    "the patient has withdrawn":     lambda t: change(t, consent_withdrawn_at=berlin("12:00")),
    "the trial has ended":           lambda t: change(t, ended_on=date(2026, 10, 11), end_reason="success"),
    "the diary has not begun":       lambda t: change(t, diary_from=date(2026, 10, 13), lead_placed_on=None),
    "the phone was revoked":         lambda t: change_phone(t, revoked_at=berlin("12:00")),
    "reminders were switched off":   lambda t: change_phone(t, remind_by_email=False),
    "the clinic does not remind":    lambda t: ReminderPolicy.objects.create(clinic=t.clinic, is_on=False),
    "the clinic wants none a day":   lambda t: ReminderPolicy.objects.create(clinic=t.clinic, most_a_day=0),
    "the trial waits for a decision": lambda t: change(t, phase=Phase.DECISION_PENDING.value),
    "the trial is over":             lambda t: change(t, phase=Phase.IMPLANTED.value),
    "the trial has not begun":       lambda t: change(t, phase=Phase.AUTHORISED.value),
    "the trial was cancelled":       lambda t: change(t, phase=Phase.CANCELLED.value),
}
# fmt: on


@pytest.mark.parametrize("why", SILENCE)
def test_nothing_is_sent_when(trial: StimulationTrial, phone: PatientDevice, console: Path, why: str) -> None:
    SILENCE[why](trial)

    assert evening() == []


@pytest.mark.parametrize("phase", [Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE])
def test_every_phase_with_a_diary_reminds(
    trial: StimulationTrial, phone: PatientDevice, console: Path, phase: Phase
) -> None:
    change(trial, phase=phase.value)

    assert look(berlin("18:00")) == 1


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.NOTIFY_EMAIL_URL = server.url
        yield server


def test_a_mail_is_in_the_patients_language_and_says_nothing_of_health(
    trial: StimulationTrial, phone: PatientDevice, mail: MailServer, settings: Settings
) -> None:
    Patient.objects.filter(pk=trial.patient_id).update(language="es")
    PatientIdentity.objects.create(
        patient=trial.patient, full_name="Made Up", email="made.up@example.org", phone="+49 151 2345678"
    )

    assert look(berlin("18:00")) == 1

    (sent,) = mail.mails_to("made.up@example.org")
    texts = wording("es").reminder
    assert sent["Subject"] == texts["title"]
    assert sent.get_content().split() == [*texts["body_open"].split(), f"{settings.PUBLIC_URL}/app/"]
    assert not {trial.patient.pseudonym, "Made", trial.clinic.name} & set(str(sent).split())


def test_a_gateway_that_is_away_is_in_the_log_and_the_next_step_is_tried(
    trial: StimulationTrial, phone: PatientDevice, settings: Settings
) -> None:
    settings.NOTIFY_EMAIL_URL = "mailto://127.0.0.1:9?from=diary@example.org"
    PatientIdentity.objects.create(patient=trial.patient, full_name="Made Up", email="made.up@example.org")

    assert evening(until="20:30") == ["18:00 open email failed", "20:00 later email failed"]
    assert Reminder.objects.latest("pk").detail == "the gateway refused it or did not answer"


# fmt: off
WAYS = [
    # switched on                          known of the patient         the ways
    ({"remind_by_email": True},            {"email": "a@example.org"},  ["email"]),
    ({"remind_by_sms": True},              {"phone": "+49 151 23456"},  ["sms"]),
    ({"remind_by_push": True},             {},                          ["push"]),
    ({"remind_by_email": True},            {"phone": "+49 151 23456"},  []),
    ({"remind_by_sms": True},              {"email": "a@example.org"},  []),
    ({"remind_by_push": True, "push_subscription": None}, {},           []),
    ({"remind_by_email": True, "remind_by_sms": True, "remind_by_push": True},
                                           {"email": "a@example.org", "phone": "+49 151 23456"},
                                                                        ["push", "email", "sms"]),
]
# fmt: on
EVERY_CHANNEL = {
    "NOTIFY_EMAIL_URL": "mailto://host",
    "NOTIFY_SMS_URL": "smseagle://token@host/",
    "VAPID_PRIVATE_KEY": "secret",
    "VAPID_PUBLIC_KEY": "public",
    "VAPID_SUBJECT": "operator@example.org",
}


@pytest.mark.parametrize(("switched", "known", "ways"), WAYS)
def test_the_patient_chooses_the_ways(
    trial: StimulationTrial,
    settings: Settings,
    switched: dict[str, Any],
    known: dict[str, str],
    ways: list[str],
) -> None:
    for name, value in EVERY_CHANNEL.items():
        setattr(settings, name, value)
    PatientIdentity.objects.create(patient=trial.patient, full_name="Made Up", **known)
    asked(trial, **{"push_subscription": {"endpoint": "https://x"}} | switched)

    (found,) = reminding.remindable()

    assert [one.channel for one in reminding.recipients_of(found)] == ways


def test_a_way_the_operator_has_not_set_up_is_none(trial: StimulationTrial) -> None:
    PatientIdentity.objects.create(patient=trial.patient, full_name="Made Up", email="a@example.org")
    asked(trial, remind_by_email=True, remind_by_push=True, push_subscription={"endpoint": "https://x"})

    (found,) = reminding.remindable()

    assert reminding.recipients_of(found) == ()
    assert evening() == []


def test_each_phone_is_reminded_once_in_its_own_language(trial: StimulationTrial, settings: Settings) -> None:
    out = StringIO()
    call_command("vapid_keys", stdout=out)
    for name, value in (line.split("=", 1) for line in out.getvalue().splitlines()):
        setattr(settings, name, value)
    settings.VAPID_SUBJECT = "operator@example.org"
    phones = [
        asked(trial, remind_by_push=True, language=language, push_subscription={"endpoint": "https://x"})
        for language in ("de", "es")
    ]

    claims = reminding.claim(trial.pk, at=berlin("18:00"))

    assert {(c.recipient.device_id, c.recipient.language) for c in claims} == {
        (phones[0].pk, "de"),
        (phones[1].pk, "es"),
    }
    assert {c.seconds for c in claims} == {4 * 3600}
    assert reminding.claim(trial.pk, at=berlin("18:00")) == []


def settled(trial: StimulationTrial, result: Result, *, resubscribed: bool = False) -> PatientDevice:
    """A phone after its push message came to ``result``."""
    old, new = {"endpoint": "https://old"}, {"endpoint": "https://new"}
    phone = asked(trial, remind_by_push=True, push_subscription=old)
    (claim,) = reminding.claim(trial.pk, at=berlin("18:00"))
    if resubscribed:
        change_phone(trial, push_subscription=new)
    reminding.settle(claim, result, at=berlin("18:00"))
    phone.refresh_from_db()
    return phone


@pytest.fixture
def push(settings: Settings) -> None:
    for name, value in EVERY_CHANNEL.items():
        setattr(settings, name, value)


def test_a_subscription_that_has_ended_is_dropped(trial: StimulationTrial, push: None) -> None:
    phone = settled(trial, Result(ok=False, detail="ended", is_gone=True))

    # The settings have changed: what the phone read before is stale.
    assert (phone.push_subscription, phone.version) == (None, 1 + 1)
    assert logged() == ["18:00 open push failed"]


def test_a_newer_subscription_is_kept(trial: StimulationTrial, push: None) -> None:
    phone = settled(trial, Result(ok=False, is_gone=True), resubscribed=True)

    assert phone.push_subscription == {"endpoint": "https://new"}


def test_what_was_sent_keeps_its_subscription(trial: StimulationTrial, push: None) -> None:
    phone = settled(trial, HANDED_OVER)

    assert phone.push_subscription == {"endpoint": "https://old"}
    assert logged() == ["18:00 open push sent"]


@pytest.mark.parametrize("trials", [1, 6])
def test_a_look_costs_four_queries_however_many_trials(
    clinic: Clinic, console: Path, trials: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(trials):
        asked(make_trial(clinic=clinic, diary_windows="18:00-22:00"), remind_by_sms=True)

    with django_assert_num_queries(4):
        due = list(reminding.find_due(reminding.remindable(), at=berlin("18:00")))

    assert len(due) == trials
