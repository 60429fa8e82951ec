"""Reminders with real processes: two beats and two workers send each step once, and a killed one never twice.

The mail server and the push service are real servers on loopback; the push service speaks TLS.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.accounts.models import Clinic
from apps.diary.models import PatientDevice, Reminder, ReminderPolicy, StaffTask
from apps.diary.parking import raise_task
from apps.diary.tasks import remind_trial
from apps.diary.wording import wording
from apps.patients.models import PatientIdentity
from apps.trials.models import StimulationTrial
from config.embedded.valkey import Valkey
from tests.factories import make_device, make_patient, make_trial
from tests.faults.processes import PATIENCE, Process, start_celery, wait_until
from tests.sinks import HOST, HttpServer, MailServer, Phone, mail_server, push_service

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

ROUND = 1
SEVERAL_ROUNDS = 6 * ROUND
STEPS = ("open", "later", "last")
ALERTS = "worklist@example.org"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def pushes(tmp_path: Path) -> Iterator[HttpServer]:
    with push_service(tmp_path) as server:
        yield server


@pytest.fixture
def environment(mail: MailServer, pushes: HttpServer, tmp_path: Path) -> dict[str, str]:
    out = StringIO()
    call_command("vapid_keys", stdout=out)
    keys = dict(line.split("=", 1) for line in out.getvalue().splitlines())
    return keys | {
        "VAPID_SUBJECT": "operator@example.org",
        "PUSH_HOSTS": HOST,
        "REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"),
        "NOTIFY_EMAIL_URL": mail.url,
        "REMIND_SECONDS": str(ROUND),
    }


@pytest.fixture
def processes(
    environment: dict[str, str], embedded_valkey: Valkey, tmp_path: Path, transactional_db: None
) -> Iterator[list[Process]]:
    """Two workers of two processes each, and two beats that know nothing of each other."""
    with ExitStack() as stack:
        started = []
        for kind, n in (("worker", 1), ("worker", 2), ("beat", 1), ("beat", 2)):
            own = ["--concurrency=2", f"--hostname=w{n}@%h"] if kind == "worker" else ["--pidfile="]
            log = tmp_path / f"{kind}{n}.log"
            process = start_celery(kind, *own, "--loglevel=INFO", log=log, **environment)
            stack.callback(process.stop)
            started.append(process)
        for process in started:
            wait_until(partial(has_started, process), within=PATIENCE)
        yield started


def has_started(process: Process) -> bool:
    log = process.log.read_text()
    return " ready" in log or "beat: Starting" in log


def noonish() -> str:
    """A zone in which it is about noon, so that windows of some hours fit on both sides of now."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def window(step: str, *, zone: str) -> str:
    """A window of today in which ``step`` is the one that is due now, and none other soon."""
    now = datetime.now(ZoneInfo(zone))
    since, until = {"open": (10, 300), "later": (130, 300), "last": (300, 50)}[step]
    opens, closes = now - timedelta(minutes=since), now + timedelta(minutes=until)
    return f"{opens:%H:%M}-{closes:%H:%M}"


def remind(clinic: Clinic, step: str, *, endpoint: str = "") -> StimulationTrial:
    """A trial whose patient wants mails, and pushes when there is an ``endpoint``, with ``step`` due now."""
    zone = noonish()
    patient = make_patient(clinic=clinic, zone=zone)
    now = datetime.now(UTC)
    trial = make_trial(
        clinic=clinic,
        patient=patient,
        diary_windows=window(step, zone=zone),
        diary_from=(now - timedelta(days=20)).date(),
        lead_placed_on=(now - timedelta(days=3)).date(),
        planned_end_on=(now + timedelta(days=3)).date(),
    )
    PatientIdentity.objects.create(patient=patient, full_name="Made Up", email=address_of(trial))
    device, _ = make_device(trial, at=now)
    PatientDevice.objects.filter(pk=device.pk).update(remind_by_email=True)
    return trial


def address_of(trial: StimulationTrial) -> str:
    return f"patient-{trial.patient_id}@example.org"


def remind_by_push(trial: StimulationTrial, *, port: int) -> Phone:
    phone = Phone(f"https://{HOST}:{port}/push/{trial.patient_id}")
    PatientDevice.objects.filter(trial=trial).update(
        remind_by_push=True, push_subscription=phone.subscription
    )
    return phone


@pytest.fixture
def clinic_at_noon(clinic: Clinic) -> Clinic:
    """No quiet hours: these tests run at any time of the day."""
    midnight = datetime.min.time()
    ReminderPolicy.objects.create(clinic=clinic, quiet_from=midnight, quiet_to=midnight)
    return clinic


def all_sent(count: int) -> bool:
    return Reminder.objects.filter(state="sent").count() == count


def test_two_beats_and_two_workers_send_each_step_and_each_alert_once(
    processes: list[Process], mail: MailServer, pushes: HttpServer, clinic_at_noon: Clinic
) -> None:
    port = pushes.server_address[1]
    # At once: a round that comes between a trial and its push would have reminded by mail alone.
    with transaction.atomic():
        trials = {step: [remind(clinic_at_noon, step) for _ in range(3)] for step in STEPS}
        phones = {step: remind_by_push(trials[step][0], port=port) for step in STEPS}
    messages = 3 * len(STEPS) + len(STEPS)
    Clinic.objects.filter(pk=clinic_at_noon.pk).update(alert_email=ALERTS)
    raise_task(trials["open"][0].pk, kind="red_flag", subject="one", at=datetime.now(UTC))

    wait_until(lambda: all_sent(messages), within=PATIENCE)
    wait_until(StaffTask.objects.filter(told_at__isnull=False).exists, within=PATIENCE)
    StimulationTrial.objects.update(goal="walk to the bakery", target_area="left leg")
    workers = [process for process in processes if "worker" in process.log.name]
    wait_until(lambda: all("diary.remind_trial" in one.log.read_text() for one in workers), within=PATIENCE)
    time.sleep(SEVERAL_ROUNDS)

    texts = wording("en").reminder
    for step in STEPS:
        for trial in trials[step]:
            (sent,) = mail.mails_to(address_of(trial))
            assert texts[f"body_{step}"] in sent.get_content()  # type: ignore[literal-required]
        (post,) = pushes.posts_to(f"/push/{trials[step][0].patient_id}")
        expected = {"title": texts["title"], "body": texts[f"body_{step}"]}  # type: ignore[literal-required]
        assert phones[step].open(post.body) == expected
    assert len(mail.mails_to(ALERTS)) == 1
    assert len(mail.mails) == 3 * len(STEPS) + 1
    assert Reminder.objects.count() == messages
    assert not any("@example.org" in process.log.read_text() for process in processes)


def test_a_worker_killed_between_claim_and_sending_leaves_a_row_and_no_second_message(
    environment: dict[str, str],
    embedded_valkey: Valkey,
    mail: MailServer,
    tmp_path: Path,
    clinic_at_noon: Clinic,
) -> None:
    mail.is_silent = True
    trial = remind(clinic_at_noon, "open")
    with ExitStack() as stack:
        beat = start_celery("beat", "--pidfile=", log=tmp_path / "beat.log", **environment)
        stack.callback(beat.stop)
        # One process: what is killed is the one that sends.
        first = start_celery("worker", "--pool=solo", log=tmp_path / "first.log", **environment)
        stack.callback(first.stop)
        wait_until(mail.called.is_set, within=PATIENCE)
        first.popen.send_signal(signal.SIGKILL)
        first.popen.wait()

        mail.is_silent = False
        mail.released.set()
        second = start_celery(
            "worker", "--concurrency=1", "--loglevel=INFO", log=tmp_path / "second.log", **environment
        )
        stack.callback(second.stop)
        wait_until(lambda: " ready" in second.log.read_text(), within=PATIENCE)
        # The broker hands the killed one's work on after its visibility timeout; so do we, at once.
        remind_trial.ring(trial_id=str(trial.pk))
        wait_until(lambda: "diary.remind_trial" in second.log.read_text(), within=PATIENCE)
        time.sleep(SEVERAL_ROUNDS)

    assert mail.mails == []
    (row,) = Reminder.objects.all()
    assert (row.trial_id, row.state, row.finished_at) == (trial.pk, "claimed", None)
    assert row.get_state_display() == "Not confirmed"
