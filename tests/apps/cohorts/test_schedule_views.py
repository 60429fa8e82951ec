"""The page of schedules: set one up, see what came of it, pause it, and nobody else's."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Clinic, User
from apps.cohorts import scheduling
from apps.cohorts.models import ReportSchedule
from apps.cohorts.tasks import run_report
from tests.apps.cohorts.test_services import make_cohort
from tests.factories.cohort_stories import make_stories

pytestmark = pytest.mark.django_db
LIST = reverse("cohorts:schedules")


@pytest.fixture
def browser(client: Client, analyst: User, clinic: Clinic) -> Client:
    Clinic.objects.filter(pk=clinic.pk).update(zone="Europe/Berlin")
    client.force_login(analyst)
    return client


def send(browser: Client, clinic: Clinic, **more: str) -> int:
    fields = {"makes": "snapshot-study_days", "on": "week-1", "hour": "6", "clock": str(clinic.pk)} | more
    return browser.post(LIST, fields).status_code


def text(browser: Client, url: str = LIST) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(url).content.decode()).split())


def test_an_empty_list_says_what_to_do(browser: Client) -> None:
    assert "None yet. Set one up below" in text(browser)


def test_one_is_set_up_and_listed(browser: Client, clinic: Clinic) -> None:
    assert send(browser, clinic, modality="SCS", on="month-31") == 302

    made = ReportSchedule.objects.get()
    assert (made.question, made.every, made.day) == (f"modality=SCS&clinic={clinic.pk}", "month", 31)
    shown = text(browser)
    assert "on the last day of every month at 06:00, Europe/Berlin" in shown
    assert "Last not yet" in shown
    assert f"modality SCS; {clinic.name}" in shown
    # By the clock of the clinic, not by that of the server.
    assert re.search(r"Next \d+ \w+ 20\d\d 06:00", shown)


def test_a_report_is_scheduled_for_whom_it_is_and_its_state_is_shown(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    assert send(browser, clinic, makes="report-clinic") == 302
    made = ReportSchedule.objects.get()
    assert (made.makes, made.form, made.audience) == ("report", "", "clinic")

    job = scheduling.run_due(made.pk, at=made.next_at)
    assert "report , waiting" in text(browser)
    run_report(job_id=str(job))
    shown = text(browser)
    assert "report , ready" in shown
    assert "Cohort report (PDF, JSON): for use inside the clinic" in shown
    assert "the files of a report are kept 90 days" in shown


def test_the_same_twice_is_said_and_not_set_up(browser: Client, clinic: Clinic) -> None:
    assert [send(browser, clinic), send(browser, clinic)] == [302, 422]
    assert ReportSchedule.objects.count() == 1


def test_the_page_of_a_snapshot_leads_here_with_its_question(browser: Client) -> None:
    page = browser.get(f"{LIST}?modality=DRG").content.decode()

    assert '<option value="DRG" selected>' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("on", "year-1"),
        ("on", ""),
        ("hour", "24"),
        ("clock", "999"),
        ("makes", "snapshot-identified"),
        ("modality", "X"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(
    browser: Client, clinic: Clinic, field: str, value: str
) -> None:
    assert send(browser, clinic, **{field: value}) == 422
    assert not ReportSchedule.objects.exists()


def test_what_came_of_it_is_shown_with_what_helps(browser: Client, clinic: Clinic) -> None:
    send(browser, clinic)
    made = ReportSchedule.objects.get()
    scheduling.run_due(made.pk, at=made.next_at)
    assert "at least 5" in text(browser)

    make_cohort(clinic)
    made.refresh_from_db()
    scheduling.run_due(made.pk, at=made.next_at)
    assert "snapshot · report of today" in text(browser)


def test_it_is_paused_resumed_and_deleted(browser: Client, clinic: Clinic) -> None:
    send(browser, clinic)
    pk = ReportSchedule.objects.get().pk

    said = []
    for act in ("pause", "pause", "resume", "delete"):
        browser.post(reverse("cohorts:schedule_act", args=[pk, act]))
        said += re.findall(r"The schedule is [a-z ]+|It was not changed", text(browser))

    assert said == [
        "The schedule is paused",
        "It was not changed",
        "The schedule is on again",
        "The schedule is deleted",
    ]
    assert "None yet" in text(browser)


@pytest.mark.parametrize("act", ["pause", "delete", "nothing"])
def test_what_is_somebody_elses_does_not_exist(
    browser: Client, clinic: Clinic, clinician: User, act: str
) -> None:
    send(browser, clinic)
    made = ReportSchedule.objects.get()
    if act != "nothing":
        browser.force_login(clinician)
        assert "None yet" in text(browser)

    assert browser.post(reverse("cohorts:schedule_act", args=[made.pk, act])).status_code == 404
    made.refresh_from_db()
    assert made.state == "active"
