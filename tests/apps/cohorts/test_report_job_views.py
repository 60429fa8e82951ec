"""Reports in the making on the staff site: asked for, followed, taken, and their person's alone."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import ReportJob
from apps.cohorts.reports import reporting
from apps.cohorts.tasks import run_report
from tests.apps.cohorts.reports.test_reporting import NOW
from tests.apps.cohorts.test_services import make_cohort

pytestmark = pytest.mark.django_db
LIST = reverse("cohorts:exports")
ASK = reverse("cohorts:report_ask")


@pytest.fixture
def browser(client: Client, analyst: User, clinic: Clinic) -> Client:
    make_cohort(clinic)
    client.force_login(analyst)
    return client


def ask(browser: Client, query: str = "", audience: str = "shared") -> ReportJob:
    assert browser.post(f"{ASK}?{query}", {"audience": audience})["Location"] == LIST
    return ReportJob.objects.earliest("-asked_at")


def text(browser: Client, url: str = LIST) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(url).content.decode()).split())


def file_of(job: ReportJob, kind: str) -> str:
    return reverse("cohorts:report_job_file", args=[job.pk, kind])


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    assert "Have the report of a cohort made in the background" in text(browser)


def test_it_is_asked_for_on_the_page_of_the_report(browser: Client, clinic: Clinic) -> None:
    page = browser.get(reverse("cohorts:report"), {"modality": "SCS"}).content.decode()
    assert f'action="{ASK}?modality=SCS"' in page

    job = ask(browser, "modality=SCS", "clinic")

    shown = text(browser)
    assert f"modality SCS; {clinic.name} For use inside the clinic Waiting" in shown
    assert "1 being made, 0 ready." in shown
    assert "kept 90 days" in shown
    reporting.begin(job.pk, at=NOW)
    assert "Being made step 1 of 2: the figures" in text(browser)


def test_its_files_are_taken_and_the_trail_says_so(browser: Client, clinic: Clinic) -> None:
    job = ask(browser)
    run_report(job_id=str(job.pk))

    found = {kind: browser.get(file_of(job, kind)) for kind in ("json", "pdf")}

    assert json.loads(found["json"].content)["shared"] is True
    assert found["pdf"].content.startswith(b"%PDF")
    assert found["pdf"]["Content-Disposition"].endswith('-shared.pdf"')
    events = AuditEvent.objects.filter(action="download", clinic_id=clinic.pk).order_by("pk")
    assert [event.detail["file"] for event in events] == ["json", "pdf"]
    assert browser.get(file_of(job, "docx")).status_code == 404
    assert browser.get(reverse("cohorts:report_job", args=[job.pk])).status_code == 200


@pytest.mark.parametrize(("query", "audience"), [("colour=red", "shared"), ("", "everybody"), ("", "")])
def test_what_cannot_be_asked_is_said(browser: Client, query: str, audience: str) -> None:
    place = browser.post(f"{ASK}?{query}", {"audience": audience})["Location"]

    assert "No report is made" in text(browser, place)
    assert not ReportJob.objects.exists()


def test_cancelled_failed_and_expired_are_asked_for_again(browser: Client) -> None:
    job = ask(browser)
    browser.post(reverse("cohorts:report_job_cancel", args=[job.pk]))
    assert "is cancelled; nothing of it is kept" in text(browser)
    browser.post(reverse("cohorts:report_job_cancel", args=[job.pk]))
    assert "had ended before it could be cancelled" in text(browser)

    again = ask(browser)
    reporting.fail(again.pk, error="Ask for more.", at=NOW)
    assert "Not made Ask for more." in text(browser)

    third = ask(browser)
    run_report(job_id=str(third.pk))
    ReportJob.objects.filter(pk=third.pk).update(expires_at=NOW - timedelta(days=1000))
    assert "No longer kept" in text(browser)
    assert browser.get(file_of(third, "pdf"))["Location"] == LIST
    assert text(browser).count("Ask again") == 3


def test_what_is_somebody_elses_does_not_exist(browser: Client, clinician: User) -> None:
    job = ask(browser)
    run_report(job_id=str(job.pk))
    browser.force_login(clinician)

    places = [file_of(job, "pdf"), reverse("cohorts:report_job", args=[job.pk])]
    assert [browser.get(place).status_code for place in places] == [404, 404]
    assert browser.post(reverse("cohorts:report_job_cancel", args=[job.pk])).status_code == 404
