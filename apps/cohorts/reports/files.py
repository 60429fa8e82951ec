"""The files of a report that is made in the background: its figures once, then the PDF from them."""

import json
from collections.abc import Iterator
from datetime import datetime

from apps.cohorts.models.reports import JSON, PDF, SHARED, SHEET, ReportJob
from apps.cohorts.question import read_question
from apps.cohorts.reports.pdf import print_sheet, sheet_of
from apps.cohorts.reports.report import Report, report_of
from apps.cohorts.reports.reporting import keep_files
from apps.workspace.permissions import read_access


def make_files(job: ReportJob, *, at: datetime) -> Iterator[None]:
    """Make what is not there yet, a turn for each step; ends early where the job was cancelled.

    Rows are read in the first step alone, so that a worker that comes later prints the same report.
    Raises BadQuestion and TooFewToShare.
    """
    sheet, made_at = job.files.filter(kind=SHEET).values_list("content", flat=True).first(), job.made_at
    if sheet is None or made_at is None:
        made = report_of(
            read_question(job.question),
            access=read_access(job.person),
            at=at,
            shared=job.audience == SHARED,
        )
        sheet, made_at = sheet_of(made), at
        if not keep_files(job, {JSON: json_of(made), SHEET: sheet}, made_at=made_at):
            return
        yield
    if not job.files.filter(kind=PDF).exists():
        keep_files(job, {PDF: print_sheet(bytes(sheet), at=made_at)}, made_at=made_at)
        yield


def json_of(report: Report) -> bytes:
    return json.dumps(report.as_json(), indent=1, ensure_ascii=False).encode()
