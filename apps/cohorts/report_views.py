"""The cohort report on the staff site: read it, take it as a PDF, as JSON, or figure by figure as CSV."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from apps.admin import actor, now
from apps.audit.services import record_in
from apps.cohorts import report_tables
from apps.cohorts.forms import QuestionForm, named
from apps.cohorts.models import OutcomeTable
from apps.cohorts.question import BadQuestion, CohortQuestion, read_question
from apps.cohorts.report import (
    VERDICTS,
    Report,
    TooFewToShare,
    calibration_of,
    report_of,
    report_of_table,
)
from apps.cohorts.report_figure import DRAWN
from apps.cohorts.report_files import json_of
from apps.cohorts.report_pdf import pdf_of
from apps.cohorts.selectors import SNAPSHOT, clinics_of
from apps.workspace.permissions import Access, access_of
from sctrial.csv_files import harmless

#: Who a file is for, and whether small counts leave it.
AUDIENCES: Final = {"shared": True, "clinic": False}
#: After the key of a figure: the points of its drawing.
POINTS: Final = "-drawn"
Writer = Callable[[Report], HttpResponse]


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    access = _access(request)
    form = QuestionForm(request.GET, access=access)
    question = form.read_question()
    made = None
    if question is not None:
        try:
            made = report_of(question, access=access, at=now(), shared=False)
        except BadQuestion as bad:
            form.refuse(bad)
    context = {
        "title": "Cohort report",
        "form": form,
        "report": made,
        "query": question.query if question else "",
        "imported": _tables(access),
        "audiences": report_tables.AUDIENCES,
    }
    return _page(request, "cohorts/report.html", context, status=200 if made else 422)


@require_GET
def verdicts(request: HttpRequest) -> HttpResponse:
    access, made, refused = _access(request), None, []
    try:
        made = calibration_of(_asked(request), access=access, at=now())
    except BadQuestion as bad:
        refused = [named(name, text) for name, text in bad.errors.items()]
    context = {"title": VERDICTS, "report": made, "refused": refused}
    return _page(request, "cohorts/report.html", context, status=200 if made else 422)


@require_GET
def report_file(request: HttpRequest, audience: str, kind: str) -> HttpResponse:
    return _of_question(request, audience, _writer(kind), of=kind)


@require_GET
def figure_file(request: HttpRequest, audience: str, key: str) -> HttpResponse:
    return _of_question(request, audience, lambda made: _csv(made, key), of=f"{key}.csv")


@require_GET
def imported(request: HttpRequest, table_id: int) -> HttpResponse:
    made = report_of_table(_table(request, table_id), at=now())
    context = {"title": made.title, "report": made, "table_id": table_id}
    return _page(request, "cohorts/report.html", context)


@require_GET
def imported_file(request: HttpRequest, table_id: int, kind: str) -> HttpResponse:
    return _of_table(request, table_id, _writer(kind), of=kind)


@require_GET
def imported_figure(request: HttpRequest, table_id: int, key: str) -> HttpResponse:
    return _of_table(request, table_id, lambda made: _csv(made, key), of=f"{key}.csv")


def _of_question(request: HttpRequest, audience: str, write: Writer, *, of: str) -> HttpResponse:
    access = _access(request)
    if audience not in AUDIENCES:
        raise Http404
    try:
        question = _asked(request)
        made = report_of(question, access=access, at=now(), shared=AUDIENCES[audience])
        clinics = clinics_of(question, access=access)
    except (BadQuestion, TooFewToShare) as refusal:
        return HttpResponse(
            f"No file was made. {refusal}", status=422, content_type="text/plain; charset=utf-8"
        )
    response = write(made)
    detail = {"question": question.query, "shared": made.is_shared}
    _trace(request, made, clinics, object_type="cohort_report", object_id=of, detail=detail)
    return response


def _of_table(request: HttpRequest, table_id: int, write: Writer, *, of: str) -> HttpResponse:
    table = _table(request, table_id)
    made = report_of_table(table, at=now())
    response = write(made)
    detail = {"file": of, "shared": made.is_shared}
    _trace(
        request, made, [table.clinic_id], object_type="outcome_table", object_id=str(table_id), detail=detail
    )
    return response


def _trace(request: HttpRequest, made: Report, clinics: Iterable[int], **event: Any) -> None:
    """A file that was made is an event in each clinic it tells about."""
    record_in(
        sorted(clinics),
        action="export",
        by=actor(request),
        at=made.made_at,
        request_id=request.META.get("REQUEST_ID", ""),
        **event,
    )


def _writer(kind: str) -> Writer:
    if kind not in WRITERS:
        raise Http404
    return WRITERS[kind]


def _asked(request: HttpRequest) -> CohortQuestion:
    """Raises BadQuestion."""
    return read_question(request.META.get("QUERY_STRING", ""))


def _access(request: HttpRequest) -> Access:
    access = access_of(request)
    if not access.may("view", resource=SNAPSHOT):
        raise PermissionDenied
    return access


def _tables(access: Access) -> Any:
    return OutcomeTable.objects.filter(clinic__in=access.clinics("view", resource=SNAPSHOT))


def _table(request: HttpRequest, table_id: int) -> OutcomeTable:
    found = _tables(_access(request)).filter(pk=table_id).first()
    if found is None:
        raise Http404
    return found


def _json(made: Report) -> HttpResponse:
    return HttpResponse(json_of(made), content_type="application/json")


def _pdf(made: Report) -> HttpResponse:
    return _attached(pdf_of(made), name=f"cohort-report-{_for(made)}.pdf", media="application/pdf")


def _csv(made: Report, key: str) -> HttpResponse:
    """The table of a figure, or, for a key that ends so, the points that are drawn."""
    is_drawn = key.endswith(POINTS)
    figure = made.figure(key.removesuffix(POINTS))
    if figure is None or (is_drawn and figure.plot is None):
        raise Http404
    columns, rows = (list(DRAWN), figure.drawn) if is_drawn else figure.data
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    name = f"{key}-{_for(made)}.csv"
    return _attached(text.getvalue().encode(), name=name, media="text/csv; charset=utf-8")


def _for(made: Report) -> str:
    """Whom a file is for, in its name."""
    return "shared" if made.is_shared else "clinic"


def _attached(content: bytes, *, name: str, media: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context, status=status)


WRITERS: Final[dict[str, Writer]] = {"json": _json, "pdf": _pdf}
