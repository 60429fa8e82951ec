"""Mails of files and schedules: a link, and nothing of anybody."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.accounts.models import Clinic, User
from apps.cohorts import exporting, mailing
from apps.cohorts.exporting import ask_export
from apps.cohorts.models import Snapshot
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.question import CohortQuestion
from apps.cohorts.services import make_snapshot
from apps.cohorts.tasks import run_export
from tests.apps.cohorts.test_exporting import NOW
from tests.apps.cohorts.test_services import asker, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def console(settings: Settings, tmp_path: Path) -> Path:
    settings.NOTIFY_CONSOLE = str(tmp_path / "mails")
    settings.PUBLIC_URL = "https://clinic.example"
    return tmp_path / "mails"


def mails(console: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in console.read_text().splitlines()] if console.exists() else []


@pytest.fixture
def job(clinic: Clinic, analyst: User) -> ExportJob:
    make_cohort(clinic)
    snapshot = make_snapshot(CohortQuestion(), asker=asker(clinic))
    User.objects.filter(pk=analyst.pk).update(email="analyst@example.org")
    analyst.refresh_from_db()
    return ask_export(snapshot, table="daily", kind="csv", person=analyst, at=NOW)


def test_a_ready_file_is_told_once_by_a_link_alone(job: ExportJob, console: Path) -> None:
    run_export(job_id=str(job.pk))
    run_export(job_id=str(job.pk))

    job.refresh_from_db()
    (mail,) = mails(console)
    assert mail["to"] == "analyst@example.org"
    assert mail["body"] == (
        f"The file that you asked for is ready, until {job.expires_at:%d %B %Y}. Sign in to fetch it:\n\n"
        f"https://clinic.example/staff/cohorts/exports/{job.pk}/\n"
    )
    assert job.snapshot_id not in mail["title"] + mail["body"]


def test_a_file_that_was_not_made_is_told_without_the_reason(job: ExportJob, console: Path) -> None:
    exporting.fail(job.pk, error="a secret reason", at=NOW)
    run_export(job_id=str(job.pk))

    (mail,) = mails(console)
    assert mail["title"] == "Your file was not made"
    assert "secret" not in mail["body"]


def test_who_wants_no_mail_gets_none(job: ExportJob, console: Path) -> None:
    ExportJob.objects.update(wants_mail=False)

    run_export(job_id=str(job.pk))

    assert mails(console) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"is_active": False}, "this person's account is closed"),
        ({"email": ""}, "no mail address is kept for this person"),
        ({}, "no mail gateway is set up"),
    ],
)
def test_why_no_mail_was_sent_stands_beside_the_file(
    job: ExportJob, analyst: User, changes: dict[str, object], why: str
) -> None:
    exporting.fail(job.pk, error="made up", at=NOW)
    User.objects.filter(pk=analyst.pk).update(**changes)

    exporting.tell(job.pk, at=NOW)

    job.refresh_from_db()
    assert (job.mail_error, job.mailed_at) == (why, NOW)


def test_a_mail_names_the_page_and_no_more(analyst: User, console: Path) -> None:
    assert mailing.send_link(analyst, title="T", words="W", path="/staff/").ok
    assert mails(console)[0]["body"] == "W\n\nhttps://clinic.example/staff/\n"
    assert not Snapshot.objects.exists()
