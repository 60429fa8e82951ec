"""The report as a page and as files, and who gets which."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from django.test import Client
from django.urls import reverse
from pypdfium2 import PdfDocument

from apps.accounts.models import Clinic, User
from apps.audit.models import AuditEvent
from apps.cohorts.models import OutcomeTable
from tests.apps.cohorts.tables_of_outcomes import CSV, MAPPING, run, write
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
        (reverse("cohorts:imported_file", args=[999, "shared", "docx"]), 404),
        (reverse("cohorts:figure_about", args=["clinic", "nothing"]), 404),
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


@pytest.fixture
def ashar(clinic: Clinic) -> int:
    run(ASHAR, mapping=ASHAR.with_suffix(".toml"), clinic=clinic.name)
    return OutcomeTable.objects.get().pk


def rows_of(browser: Client, table: int, audience: str) -> tuple[dict[str, Any], dict[str, Any]]:
    place = reverse("cohorts:imported_file", args=[table, audience, "json"])
    made = json.loads(browser.get(place).content)
    return made, {figure["key"]: figure["rows"] for figure in made["figures"]}


def test_ashar_2022_comes_out_as_printed(browser: Client, ashar: int) -> None:
    made, rows = rows_of(browser, ashar, "clinic")

    assert [row[2:4] for row in rows["responders"] if row[1] == "50 %"] == [[35, 50], [15, 51], [8, 50]]
    assert [row[3] for row in rows["mean_change"]] == [1.18, 2.84, 3.13]
    assert made["shared"] is False
    pdf = browser.get(reverse("cohorts:imported_file", args=[ashar, "clinic", "pdf"])).content
    assert "35" in text_of(pdf)
    page = browser.get(reverse("cohorts:imported", args=[ashar])).content.decode()
    for key in ("curve", "curve-drawn"):
        place = reverse("cohorts:imported_figure", args=[ashar, "clinic", key])
        assert place in page
        assert browser.get(place).status_code == 200


def test_ashar_2022_to_share_has_counts_in_fives_and_no_line_of_a_person(browser: Client, ashar: int) -> None:
    made, rows = rows_of(browser, ashar, "shared")

    # 35 of 50, 15 of 51 and 8 of 50, to the nearest five.
    assert [row[2:4] for row in rows["responders"] if row[1] == "50 %"] == [[35, 50], [15, 50], [10, 50]]
    assert [row[1] for row in rows["table_one"]] == [50, 50, 50]
    assert {row[10] for row in rows["mean_change"]} == {"hidden"}
    assert (rows["waterfall"], made["shared"], made["clinics"]) == ([], True, ["1 clinic"])
    # The name of a file may name a clinic.
    assert ASHAR.name not in json.dumps(made)
    drawn = reverse("cohorts:imported_figure", args=[ashar, "shared", "waterfall-drawn"])
    assert browser.get(drawn).status_code == 404


def test_an_arm_of_few_people_is_in_nothing_that_is_shared(
    browser: Client, clinic: Clinic, tmp_path: Path
) -> None:
    people = [("many", n) for n in range(7)] + [("few", n) for n in range(7, 11)]
    lines = "".join(f"{n},{arm},pre,8\n{n},{arm},post,{n % 5}\n" for arm, n in people)
    mapping = MAPPING.replace('ignore = ["note"]', 'arm = "arm"') + '[arms]\nmany = "many"\nfew = "few"\n'
    run(write(tmp_path, "id,arm,visit,pain\n" + lines), mapping=mapping, clinic=clinic.name)

    made, rows = rows_of(browser, OutcomeTable.objects.get().pk, "shared")

    assert {row[0] for of in rows.values() for row in of} == {"many"}
    assert {figure["n"] for figure in made["figures"]} == {5}
    assert "few" not in json.dumps(made).replace("fewer", "")


def test_a_table_of_too_few_is_not_shared(browser: Client, clinic: Clinic, tmp_path: Path) -> None:
    run(write(tmp_path, CSV), clinic=clinic.name)
    table = OutcomeTable.objects.get().pk
    place = reverse("cohorts:imported_file", args=[table, "shared", "pdf"])

    answer = browser.get(place)

    assert (answer.status_code, "nothing about them may be shared" in answer.content.decode()) == (422, True)
    assert browser.get(place.replace("shared", "clinic")).status_code == 200
    assert browser.get(place.replace("shared", "everybody")).status_code == 404


def test_a_csv_stays_clean_and_says_where_its_manifest_is(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    place = reverse("cohorts:figure_file", args=["shared", "flow"])
    answer = browser.get(place, {"modality": "SCS"})

    assert list(pd.read_csv(io.BytesIO(answer.content)).columns)[:2] == ["Stage", "Trials"]
    assert answer["Link"] == '<flow.json>; rel="describedby"; type="application/json"'
    about = json.loads(browser.get(place.replace("csv", "json"), {"modality": "SCS"}).content)
    (figure,) = about["figures"]
    assert (about["question"], about["shared"], about["data"][:7]) == ("modality SCS", True, "sha256:")
    assert (figure["key"], figure["n"], bool(figure["missing"])) == ("flow", 10, True)
    table = figure["files"][0]
    assert (table["name"], table["sha256"]) == (
        "flow-shared.csv",
        hashlib.sha256(answer.content).hexdigest(),
    )


def test_all_figures_as_csv_are_one_file_with_one_manifest(browser: Client, clinic: Clinic) -> None:
    make_stories(clinic)
    archive = ZipFile(io.BytesIO(browser.get(file_of("shared", "zip")).content))

    about = json.loads(archive.read("manifest.json"))
    told = {file["name"]: file["sha256"] for figure in about["figures"] for file in figure["files"]}
    assert {"flow-shared.csv", "table_one-shared.csv", "curve-drawn-shared.csv"} <= set(told)
    assert set(archive.namelist()) == {"manifest.json", *told}
    assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in told} == told
    assert not {name for name in told if name.startswith(("waterfall", "courses"))}
