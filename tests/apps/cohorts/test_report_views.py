"""The report as a page and as files, and who gets which."""

import csv
import io
import json

import pytest
from django.test import Client
from django.urls import reverse
from pypdfium2 import PdfDocument

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import OutcomeTable
from tests.apps.cohorts.tables_of_outcomes import run
from tests.apps.cohorts.test_imports import ASHAR
from tests.factories.cohort_stories import make_stories, sign_all
from tests.factories.deciding import make_waiting

PAGE = reverse("cohorts:report")


def file_of(audience: str, ending: str) -> str:
    return reverse("cohorts:report_file", args=[audience, ending])


@pytest.fixture
def browser(client: Client, analyst: User) -> Client:
    client.force_login(analyst)
    return client


def text_of(pdf: bytes) -> str:
    pages = PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_bounded() for page in pages)


def test_the_page_has_each_figure_with_its_table_and_files(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    page = browser.get(PAGE, {"modality": "SCS"})

    html = page.content.decode()
    for figure in page.context["report"].figures:
        assert f'id="{figure.key}"' in html
        if figure.rows:
            assert reverse("cohorts:figure_file", args=["clinic", figure.key]) + "?modality=SCS" in html


def test_a_question_that_cannot_be_read_says_what_to_write(browser: Client) -> None:
    page = browser.get(PAGE, {"from": "yesterday"})

    assert page.status_code == 422
    assert "write it as 2026-10-31" in page.content.decode()


def test_the_shared_json_says_of_what_its_percents_are_and_leaves_a_trace(
    browser: Client, clinic: Clinic
) -> None:
    make_stories(clinic)
    made = json.loads(browser.get(file_of("shared", "json"), {"modality": "SCS"}).content)

    assert made["shared"] is True
    assert {figure["key"]: figure["percent_of"] for figure in made["figures"]}["funnel"].startswith(
        "Percent of"
    )
    event = AuditEvent.objects.get(action="export", object_type="cohort_report")
    assert event.detail == {"question": "modality=SCS", "shared": True}


def test_the_pdf_has_every_figure_in_words(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    answer = browser.get(file_of("clinic", "pdf"))

    assert answer["Content-Type"] == "application/pdf"
    text = text_of(answer.content)
    for title in (
        "From referral to lasting relief",
        "Waterfall of every trial",
        "Mixed model of daily pain",
    ):
        assert title in text
    assert "Do not share it" in text


def test_a_figure_is_a_csv_file(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    content = browser.get(reverse("cohorts:figure_file", args=["clinic", "flow"])).content.decode()

    rows = list(csv.reader(io.StringIO(content)))
    assert rows[:2] == [["Stage", "Trials", "Left the road here because"], ["Referred", "12", ""]]


def test_the_points_of_a_drawing_are_a_file_and_each_file_says_whom_it_is_for(
    browser: Client, clinic: Clinic
) -> None:
    make_stories(clinic)
    names = {}
    for audience in ("shared", "clinic"):
        for key in ("flow", "curve-drawn"):
            answer = browser.get(reverse("cohorts:figure_file", args=[audience, key]))
            names[audience, key] = answer["Content-Disposition"].partition("filename=")[2]
    drawn = browser.get(reverse("cohorts:figure_file", args=["clinic", "courses-drawn"])).content.decode()

    rows = list(csv.DictReader(io.StringIO(drawn)))
    assert names == {(a, k): f'"{k}-{a}.csv"' for a, k in names}
    assert {row["Series"] for row in rows} == {"one trial", "mean of those who answered"}
    assert len({row["Words"] for row in rows if row["Series"] == "one trial"}) == 12
    # One line a patient: outside there is none of it.
    assert browser.get(reverse("cohorts:figure_file", args=["shared", "courses-drawn"])).status_code == 404


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (file_of("everybody", "pdf"), 404),
        (file_of("shared", "docx"), 404),
        (reverse("cohorts:figure_file", args=["clinic", "nothing"]), 404),
        (file_of("shared", "pdf") + "?colour=red", 422),
        (file_of("shared", "pdf") + "?clinic=999999", 422),
        (reverse("cohorts:imported", args=[999]), 404),
        (reverse("cohorts:imported_file", args=[999, "docx"]), 404),
    ],
)
def test_what_is_not_there_is_refused(browser: Client, clinic: Clinic, place: str, status: int) -> None:
    make_waiting(clinic)
    assert browser.get(place).status_code == status


def test_too_few_to_share_is_said_and_no_file_is_made(browser: Client, clinic: Clinic) -> None:
    make_waiting(clinic)
    answer = browser.get(file_of("shared", "pdf"))

    assert answer.status_code == 422
    assert "Fewer than 5 patients answer this question" in answer.content.decode()


def test_a_clinician_sees_what_the_verdicts_were_worth(
    client: Client, clinic: Clinic, clinician: User
) -> None:
    sign_all(make_stories(clinic)[:4])
    client.force_login(clinician)
    page = client.get(reverse("cohorts:verdicts"))

    assert "Verdict: met" in page.content.decode()


def test_a_coordinator_is_refused(client: Client, coordinator: User) -> None:
    client.force_login(coordinator)
    assert client.get(PAGE).status_code == 403


def test_ashar_2022_comes_out_as_printed(browser: Client, clinic: Clinic) -> None:
    run(ASHAR, mapping=ASHAR.with_suffix(".toml"), clinic=clinic.name)
    table = OutcomeTable.objects.get()
    made = json.loads(browser.get(reverse("cohorts:imported_file", args=[table.pk, "json"])).content)
    rows = {figure["key"]: figure["rows"] for figure in made["figures"]}

    assert [row[2:4] for row in rows["responders"] if row[1] == "50 %"] == [[35, 50], [15, 51], [8, 50]]
    assert [row[3] for row in rows["mean_change"]] == [1.18, 2.84, 3.13]
    assert made["shared"] is False
    pdf = browser.get(reverse("cohorts:imported_file", args=[table.pk, "pdf"])).content
    assert "35" in text_of(pdf)
    assert browser.get(reverse("cohorts:imported_figure", args=[table.pk, "curve"])).status_code == 200
