"""Tasks for silent patients, and the one line that tells a clinic that tasks wait."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from apps.accounts.models import Clinic
from apps.diary import alerting
from apps.diary.models import StaffTask
from apps.diary.parking import raise_task
from apps.trials.models import StimulationTrial
from sctrial.phases import Phase
from tests.factories import make_device, make_entries, make_trial
from tests.sinks import MailServer, mail_server

pytestmark = pytest.mark.django_db
ALERTS = "worklist@example.org"


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    clinic.alert_email = ALERTS
    clinic.save()
    trial = make_trial(clinic=clinic, diary_windows="18:00-22:00")
    make_device(trial, at=evening(1) - timedelta(hours=12))
    return trial


def evening(day: int) -> datetime:
    """When the grace of that evening is over in Berlin."""
    return datetime(2026, 10, day, 20, 15, tzinfo=UTC)


def answer(trial: StimulationTrial, *days: int) -> None:
    for day in days:
        captured = f"2026-10-{day:02}T20:00:00+02:00"
        make_entries(trial, {f"2026-10-{day:02}": 4}, captured_at=captured, zone="Europe/Berlin")


def open_kinds() -> list[str]:
    return sorted(StaffTask.objects.filter(closed_at__isnull=True).values_list("kind", flat=True))


def close(kind: str, *, at: datetime) -> None:
    StaffTask.objects.filter(kind=kind, closed_at__isnull=True).update(
        closed_at=at, closed_by="staff:1", outcome="rang the patient"
    )


def test_one_missed_evening_is_no_task(trial: StimulationTrial) -> None:
    answer(trial, 1, 2)

    alerting.watch_diaries(at=evening(3))

    assert open_kinds() == []


def test_two_in_a_row_are_one_task_for_as_long_as_it_is_open(trial: StimulationTrial) -> None:
    answer(trial, 1, 2, 3)

    alerting.watch_diaries(at=evening(5) - timedelta(seconds=1))
    assert open_kinds() == []
    for day in (5, 5, 6):
        alerting.watch_diaries(at=evening(day))

    assert open_kinds().count("missed_evenings") == 1
    assert StaffTask.objects.get(kind="missed_evenings").raised_at == evening(5)


def test_what_was_closed_comes_back_after_two_more(trial: StimulationTrial) -> None:
    answer(trial, 1, 2, 3)
    alerting.watch_diaries(at=evening(5))
    close("missed_evenings", at=evening(5) + timedelta(hours=12))

    alerting.watch_diaries(at=evening(6))
    assert "missed_evenings" not in open_kinds()

    alerting.watch_diaries(at=evening(7))
    assert open_kinds().count("missed_evenings") == 1


def test_a_low_diary_is_a_task_though_no_two_were_missed_in_a_row(trial: StimulationTrial) -> None:
    answer(trial, 2, 4)

    alerting.watch_diaries(at=evening(4))
    alerting.watch_diaries(at=evening(5))

    assert open_kinds() == ["low_compliance"]


def test_a_low_diary_that_was_seen_comes_back_after_two_more_misses(trial: StimulationTrial) -> None:
    answer(trial, 2, 5, 7)
    alerting.watch_diaries(at=evening(3))
    close("low_compliance", at=evening(3) + timedelta(hours=12))

    alerting.watch_diaries(at=evening(5))
    assert open_kinds() == []

    alerting.watch_diaries(at=evening(6))
    assert open_kinds() == ["low_compliance"]


@pytest.mark.parametrize(
    "fields",
    [
        {"phase": Phase.DECISION_PENDING.value},
        {"phase": Phase.CANCELLED.value},
        {"consent_withdrawn_at": evening(2)},
    ],
)
def test_nobody_is_rung_after_the_diary(trial: StimulationTrial, fields: dict[str, object]) -> None:
    StimulationTrial.objects.filter(pk=trial.pk).update(**fields)

    alerting.watch_diaries(at=evening(9))

    assert open_kinds() == []


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.NOTIFY_EMAIL_URL = server.url
        yield server


def tell(*, at: datetime) -> int:
    return sum(alerting.tell_clinic(clinic, at=at) for clinic in alerting.clinics_to_tell())


def test_a_clinic_is_told_once_and_not_of_what(
    trial: StimulationTrial, mail: MailServer, settings: Settings
) -> None:
    for subject in ("one", "two"):
        raise_task(trial.pk, kind="red_flag", subject=subject, at=evening(9))

    assert [tell(at=evening(9)), tell(at=evening(9))] == [2, 0]

    (sent,) = mail.mails_to(ALERTS)
    text = f"{sent['Subject']} {sent.get_content()}"
    assert f"{settings.PUBLIC_URL}/staff/" in text
    told = text.lower()
    assert not any(
        word in told for word in (trial.patient.pseudonym.lower(), "flag", "warning", "pain", "fever")
    )


def test_a_new_task_is_told_again(trial: StimulationTrial, mail: MailServer) -> None:
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))
    tell(at=evening(9))
    raise_task(trial.pk, kind="red_flag", subject="two", at=evening(10))

    assert tell(at=evening(10)) == 1
    assert len(mail.mails) == 2


def test_a_closed_task_needs_no_telling(trial: StimulationTrial, mail: MailServer) -> None:
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))
    close("red_flag", at=evening(9))

    assert tell(at=evening(9)) == 0


def test_each_clinic_hears_of_its_own_only(
    trial: StimulationTrial, other_clinic: Clinic, mail: MailServer
) -> None:
    theirs = make_trial(clinic=other_clinic)
    for subject in (trial, theirs):
        raise_task(subject.pk, kind="red_flag", subject="one", at=evening(9))

    assert tell(at=evening(9)) == 1

    assert [recipient for recipient, _ in mail.mails] == [ALERTS]
    assert StaffTask.objects.get(trial=theirs).told_at is None


def test_what_no_gateway_took_is_tried_again(trial: StimulationTrial, settings: Settings) -> None:
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))
    settings.NOTIFY_EMAIL_URL = "mailto://127.0.0.1:9?from=diary@example.org"
    assert tell(at=evening(9)) == 0

    with mail_server() as server:
        settings.NOTIFY_EMAIL_URL = server.url
        assert tell(at=evening(9)) == 1


def test_without_an_address_the_task_waits_on_the_worklist(trial: StimulationTrial, mail: MailServer) -> None:
    Clinic.objects.update(alert_email="")
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))

    assert tell(at=evening(9)) == 0
    assert StaffTask.objects.get().told_at is None


def test_the_demo_tells_the_console(trial: StimulationTrial, settings: Settings, tmp_path: Path) -> None:
    settings.NOTIFY_CONSOLE = str(tmp_path / "console.log")
    Clinic.objects.update(alert_email="")
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))

    assert tell(at=evening(9)) == 1
    assert json.loads((tmp_path / "console.log").read_text())["to"] == trial.clinic.name


@pytest.mark.django_db(transaction=True)
def test_while_one_process_tells_another_does_not(trial: StimulationTrial, mail: MailServer) -> None:
    raise_task(trial.pk, kind="red_flag", subject="one", at=evening(9))
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            name = f"alerts:{trial.clinic_id}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
            assert tell(at=evening(9)) == 0
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    finally:
        other.close()

    assert tell(at=evening(9)) == 1
    assert len(mail.mails) == 1
