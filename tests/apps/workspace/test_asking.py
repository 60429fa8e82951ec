"""One button asks every silent patient for today's entry, by the rules of reminders, and is written down."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.models import Clinic, Role, User
from apps.audit.models import AuditEvent
from apps.diary.models import PatientDevice, Reminder, ReminderPolicy
from apps.diary.tasks import ask_trial
from apps.trials.models import StimulationTrial
from tests.apps.workspace.conftest import Visit, first_day, today
from tests.factories import make_device, make_entries, make_patient, make_staff, make_trial

ASK = "/staff/ask/"
BUTTON = "Remind them now"


@pytest.fixture(autouse=True)
def clinic_without_quiet_hours(clinic: Clinic, tmp_path: Path, settings: Settings) -> None:
    """These tests run at any time of the day."""
    ReminderPolicy.objects.create(clinic=clinic, quiet_from=time(0), quiet_to=time(0))
    settings.NOTIFY_CONSOLE = str(tmp_path / "console.log")


def silent(clinic: Clinic, *, wants_reminders: bool = True, has_answered: bool = False) -> StimulationTrial:
    trial = make_trial(
        clinic=clinic,
        patient=make_patient(clinic=clinic, zone="UTC"),
        phase="baseline_diary",
        diary_from=first_day(),
        lead_placed_on=None,
    )
    device, _ = make_device(trial, at=datetime.now(UTC))
    PatientDevice.objects.filter(pk=device.pk).update(remind_by_email=wants_reminders)
    if has_answered:
        make_entries(trial, {str(today()): 5}, captured_at=f"{today()}T00:00:00+00:00")
    return trial


def asked() -> set[str]:
    return set(AuditEvent.objects.filter(action="ask").values_list("object_id", flat=True))


def test_silent_patients_with_reminders_on_are_asked_and_nobody_else(
    coordinator: User, as_staff: Visit, clinic: Clinic
) -> None:
    trial = silent(clinic)
    silent(clinic, wants_reminders=False)
    silent(clinic, has_answered=True)
    silent(Clinic.objects.create(name="Other"))
    client = as_staff(coordinator)
    assert BUTTON in client.get("/staff/").content.decode()

    page = client.post(ASK, follow=True).content.decode()

    assert "1 patient will be asked for today&#x27;s entry" in page
    assert asked() == {str(trial.pk)}


def test_the_job_sends_it_once_and_the_next_tap_asks_nobody(
    coordinator: User, as_staff: Visit, clinic: Clinic
) -> None:
    trial = silent(clinic)
    as_staff(coordinator).post(ASK)

    for _ in range(2):
        ask_trial(trial_id=str(trial.pk))

    (row,) = Reminder.objects.all()
    assert (row.trial_id, row.step, row.channel, row.state) == (trial.pk, "asked", "console", "sent")
    assert "Nobody was asked" in as_staff(coordinator).post(ASK, follow=True).content.decode()


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SITE_ADMIN, Role.ANALYST])
def test_no_other_role_can_ask(as_staff: Visit, clinic: Clinic, role: Role) -> None:
    silent(clinic)
    client = as_staff(make_staff("other", clinic=clinic, role=role))

    assert BUTTON not in client.get("/staff/").content.decode()

    assert client.post(ASK).status_code == 403
    assert asked() == set()


def test_reading_the_address_asks_nobody(coordinator: User, as_staff: Visit, clinic: Clinic) -> None:
    silent(clinic)

    assert as_staff(coordinator).get(ASK).status_code == 405
    assert asked() == set()
