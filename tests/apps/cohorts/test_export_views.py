"""The page of files in the making: what it says of each state, and that it is its person's alone."""

import re
from uuid import uuid4

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts import exporting
from apps.cohorts.models import Snapshot
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.tasks import run_export
from tests.apps.cohorts.test_exporting import NOW
from tests.apps.cohorts.test_services import make_cohort
from tests.factories.cohorts import make_kept_snapshot

pytestmark = pytest.mark.django_db
LIST = reverse("cohorts:exports")


@pytest.fixture
def snapshot(clinic: Clinic) -> Snapshot:
    make_cohort(clinic)
    return make_kept_snapshot(clinic)


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def ask(browser: Client, snapshot: Snapshot, file: str = "daily.csv", **more: str) -> ExportJob:
    answer = browser.post(reverse("cohorts:export_ask", args=[snapshot.pk]), {"file": file} | more)
    assert answer["Location"] == LIST
    return ExportJob.objects.earliest("-asked_at")


def text(browser: Client, url: str = LIST) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(url).content.decode()).split())


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    assert "None yet. Open one of the snapshots" in text(browser)


def test_a_file_is_asked_for_on_the_page_of_its_snapshot(browser: Client, snapshot: Snapshot) -> None:
    page = browser.get(reverse("cohorts:snapshot", args=[snapshot.pk])).content.decode()
    assert 'value="daily.csv"' in page

    job = ask(browser, snapshot, mail="on")

    assert (job.table, job.kind, job.state, job.wants_mail) == ("daily", "csv", "queued", True)
    shown = text(browser)
    assert "daily.csv is being made" in shown
    assert f"0 of {job.rows_known}" in shown
    assert "1 being made, 0 ready." in shown


def test_it_is_taken_when_it_is_ready_and_the_trail_says_so(browser: Client, snapshot: Snapshot) -> None:
    job = ask(browser, snapshot)
    run_export(job_id=str(job.pk))

    answer = browser.get(reverse("cohorts:export_file", args=[job.pk]))

    assert isinstance(answer, StreamingHttpResponse)
    assert answer.getvalue() == b"".join(exporting.pieces_of(job.pk))
    assert answer["Content-Disposition"] == f'attachment; filename="{snapshot.pk}-daily.csv"'
    event = AuditEvent.objects.get(action="download")
    assert (event.object_id, event.detail["via"]) == (snapshot.pk, f"file {job.pk}")
    assert "Take it" in text(browser, reverse("cohorts:export", args=[job.pk]))


def test_what_failed_says_why_and_is_asked_for_again(browser: Client, snapshot: Snapshot) -> None:
    job = ask(browser, snapshot)
    exporting.fail(job.pk, error="Choose CSV.", at=NOW)
    assert "Not made Choose CSV." in text(browser)
    assert "Ask again" in text(browser)

    browser.post(reverse("cohorts:export_again", args=[job.pk]))

    assert sorted(ExportJob.objects.values_list("state", flat=True)) == ["failed", "queued"]


def test_it_is_cancelled_once(browser: Client, snapshot: Snapshot) -> None:
    job = ask(browser, snapshot)
    place = reverse("cohorts:export_cancel", args=[job.pk])

    browser.post(place)
    assert "is cancelled; nothing of it is kept" in text(browser)
    browser.post(place)
    assert "had ended before it could be cancelled" in text(browser)


@pytest.mark.parametrize("state", ["queued", "failed", "expired"])
def test_a_file_that_is_not_there_is_not_given_out(browser: Client, snapshot: Snapshot, state: str) -> None:
    job = ask(browser, snapshot)
    if state == "failed":
        exporting.fail(job.pk, error="Choose CSV.", at=NOW)
    if state == "expired":
        run_export(job_id=str(job.pk))
        ExportJob.objects.update(expires_at=NOW)
        assert "No longer kept" in text(browser)

    answer = browser.get(reverse("cohorts:export_file", args=[job.pk]))

    assert answer.status_code == 302
    assert not AuditEvent.objects.filter(action="download").exists()


def test_a_file_that_there_is_not_is_refused_in_words(browser: Client, snapshot: Snapshot) -> None:
    answer = browser.post(reverse("cohorts:export_ask", args=[snapshot.pk]), {"file": "x\0.csv"}, follow=True)

    assert "There is no such file of this snapshot" in answer.content.decode()
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("name", ["export", "export_file", "export_cancel", "export_again"])
def test_what_is_somebody_elses_does_not_exist(
    browser: Client, snapshot: Snapshot, clinician: User, name: str
) -> None:
    job = ask(browser, snapshot)
    browser.force_login(clinician)
    send = browser.get if name in ("export", "export_file") else browser.post

    answers = [send(reverse(f"cohorts:{name}", args=[one])).status_code for one in (job.pk, uuid4())]

    assert answers == [404, 404]
    job.refresh_from_db()
    assert job.state == "queued"
