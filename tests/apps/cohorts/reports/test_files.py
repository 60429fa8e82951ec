"""A report made in the background is the report of its page, and of one moment, whoever goes on with it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pypdfium2 import PdfDocument

from apps.accounts.models import Clinic, User
from apps.cohorts.models import ReportJob
from apps.cohorts.question import read_question
from apps.cohorts.reports import reporting
from apps.cohorts.reports.files import make_files
from apps.cohorts.reports.pdf import pdf_of
from apps.cohorts.reports.report import report_of
from apps.workspace.permissions import read_access
from tests.apps.cohorts.reports.test_reporting import ask
from tests.factories.cohort_stories import make_stories

pytestmark = pytest.mark.django_db
#: After every story is over.
AT = datetime(2027, 10, 20, 12, tzinfo=UTC)


def begun(person: User, audience: str) -> ReportJob:
    job = reporting.begin(ask(person, audience=audience).pk, at=AT)
    assert job is not None
    return job


def files_of(job: ReportJob) -> dict[str, bytes]:
    return {file.kind: bytes(file.content) for file in job.files.all()}


@pytest.mark.parametrize("audience", ["shared", "clinic"])
def test_the_files_are_those_of_the_page(analyst: User, clinic: Clinic, audience: str) -> None:
    make_stories(clinic)
    job = begun(analyst, audience)

    list(make_files(job, at=AT))

    direct = report_of(
        read_question(job.question), access=read_access(analyst), at=AT, shared=audience == "shared"
    )
    files = files_of(job)
    assert json.loads(files["json"]) == json.loads(json.dumps(direct.as_json()))
    assert files["pdf"] == pdf_of(direct)


def test_a_worker_that_comes_later_prints_what_the_first_one_read(
    analyst: User, clinician: User, clinic: Clinic
) -> None:
    make_stories(clinic)
    whole, killed = begun(analyst, "clinic"), begun(clinician, "clinic")
    list(make_files(whole, at=AT))

    first = make_files(killed, at=AT)
    next(first)  # Its worker is killed here.
    del first
    make_stories(clinic)
    killed.refresh_from_db()
    list(make_files(killed, at=AT + timedelta(days=1)))

    assert files_of(killed) == files_of(whole)
    assert killed.made_at == AT


def test_cancelled_in_the_middle_nothing_more_is_kept(analyst: User, clinic: Clinic) -> None:
    make_stories(clinic)
    job = begun(analyst, "shared")
    steps = make_files(job, at=AT)
    next(steps)
    reporting.cancel(job.pk, by="staff:1", at=AT)

    list(steps)

    assert files_of(job) == {}


def test_the_pdf_says_whom_it_is_for(analyst: User, clinic: Clinic) -> None:
    make_stories(clinic)
    job = begun(analyst, "shared")
    list(make_files(job, at=AT))

    pages = PdfDocument(files_of(job)["pdf"])
    assert "Fit to be shared" in pages[0].get_textpage().get_text_bounded()
