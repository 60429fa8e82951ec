"""The cohort report on the staff site: read it, take it as a PDF, as JSON, or figure by figure as CSV."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.admin import actor, now
from apps.audit.services import record_in
from apps.cohorts.forms import QuestionForm, named
from apps.cohorts.models import OutcomeTable, reports
from apps.cohorts.question import BadQuestion, CohortQuestion, read_question
from apps.cohorts.reports.csv_files import POINTS, csv_of, manifest_of, name_of, zip_of
from apps.cohorts.reports.figure import Figure
from apps.cohorts.reports.files import json_of
from apps.cohorts.reports.pdf import pdf_of
from apps.cohorts.reports.report import (
    VERDICTS,
    Report,
    TooFewToShare,
    calibration_of,
    report_of,
    report_of_table,
)
from apps.cohorts.selectors import SNAPSHOT, clinics_of
from apps.workspace.permissions import Access, access_of

#: Who a file is for, and whether small counts leave it.
AUDIENCES: Final = {"shared": True, "clinic": False}
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
        "figures": _with_files(made, _place(question.query)) if made and question else [],
        "query": question.query if question else "",
        "imported": _tables(access),
        "audiences": reports.AUDIENCES,
    }
    return _page(request, "cohorts/report.html", context, status=200 if made else 422)


def _place(query: str) -> Callable[..., str]:
    asked = f"?{query}" if query else ""
    return lambda *of, ending: (
        reverse(f"cohorts:figure_{'file' if ending == 'figure' else ending}", args=of) + asked
    )


@require_GET
def verdicts(request: HttpRequest) -> HttpResponse:
    access, made, refused = _access(request), None, []
    try:
        made = calibration_of(_asked(request), access=access, at=now())
    except BadQuestion as bad:
        refused = [named(name, text) for name, text in bad.errors.items()]
    figures = [(figure, ()) for figure in made.figures] if made else []
    context = {"title": VERDICTS, "report": made, "figures": figures, "refused": refused}
    return _page(request, "cohorts/report.html", context, status=200 if made else 422)


@require_GET
def report_file(request: HttpRequest, audience: str, kind: str) -> HttpResponse:
    return _of_question(request, audience, _writer(kind), of=kind)


@require_GET
def figure_file(request: HttpRequest, audience: str, key: str) -> HttpResponse:
    return _of_question(request, audience, lambda made: _csv(made, key), of=f"{key}.csv")


@require_GET
def figure_about(request: HttpRequest, audience: str, key: str) -> HttpResponse:
    return _of_question(request, audience, lambda made: _about(made, key), of=f"{key}.json")


@require_GET
def imported(request: HttpRequest, table_id: int) -> HttpResponse:
    made = report_of_table(_table(request, table_id), at=now(), shared=False)
    figures = _with_files(
        made, lambda *of, ending: reverse(f"cohorts:imported_{ending}", args=[table_id, *of])
    )
    context = {"title": made.title, "report": made, "figures": figures, "table_id": table_id}
    return _page(request, "cohorts/report.html", context)


@require_GET
def imported_file(request: HttpRequest, table_id: int, audience: str, kind: str) -> HttpResponse:
    return _of_table(request, table_id, audience, _writer(kind), of=kind)


@require_GET
def imported_figure(request: HttpRequest, table_id: int, audience: str, key: str) -> HttpResponse:
    return _of_table(request, table_id, audience, lambda made: _csv(made, key), of=f"{key}.csv")


@require_GET
def imported_about(request: HttpRequest, table_id: int, audience: str, key: str) -> HttpResponse:
    return _of_table(request, table_id, audience, lambda made: _about(made, key), of=f"{key}.json")


def _of_question(request: HttpRequest, audience: str, write: Writer, *, of: str) -> HttpResponse:
    access = _access(request)
    if audience not in AUDIENCES:
        raise Http404
    try:
        question = _asked(request)
        made = report_of(question, access=access, at=now(), shared=AUDIENCES[audience])
        clinics = clinics_of(question, access=access)
    except (BadQuestion, TooFewToShare) as refusal:
        return _refused(refusal)
    response = write(made)
    detail = {"question": question.query, "shared": made.is_shared}
    _trace(request, made, clinics, object_type="cohort_report", object_id=of, detail=detail)
    return response


def _of_table(request: HttpRequest, table_id: int, audience: str, write: Writer, *, of: str) -> HttpResponse:
    table = _table(request, table_id)
    if audience not in AUDIENCES:
        raise Http404
    try:
        made = report_of_table(table, at=now(), shared=AUDIENCES[audience])
    except TooFewToShare as refusal:
        return _refused(refusal)
    response = write(made)
    detail = {"file": of, "shared": made.is_shared}
    _trace(
        request, made, [table.clinic_id], object_type="outcome_table", object_id=str(table_id), detail=detail
    )
    return response


def _refused(refusal: Exception) -> HttpResponse:
    words = f"No file was made. {refusal}"
    return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")


def _with_files(made: Report, place: Callable[..., str]) -> list[tuple[Figure, list[tuple[str, str]]]]:
    """Each figure with the words and addresses of its files."""
    return [(figure, list(_files(figure, place))) for figure in made.figures]


def _files(figure: Figure, place: Callable[..., str]) -> Iterator[tuple[str, str]]:
    if not figure.rows:
        return
    drawn = {"what is drawn": figure.key + POINTS} if figure.plot else {}
    shared = {} if figure.is_of_persons else {"to share": "shared"}
    for whom, audience in {"": "clinic", **shared}.items():
        for what, key in {"": figure.key, **drawn}.items():
            words = ", ".join(word for word in (what, whom) if word)
            yield f"CSV {words}".strip(), place(audience, key, ending="figure")
        yield f"manifest {whom}".strip(), place(audience, figure.key, ending="about")


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
    return _attached(pdf_of(made), name=f"cohort-report-{made.for_whom}.pdf", media="application/pdf")


def _zip(made: Report) -> HttpResponse:
    return _attached(zip_of(made), name=f"cohort-report-{made.for_whom}.zip", media="application/zip")


def _csv(made: Report, key: str) -> HttpResponse:
    content = csv_of(made, key)
    if content is None:
        raise Http404
    response = _attached(content, name=name_of(made, key), media="text/csv; charset=utf-8")
    # Beside it, so that the table stays one that any reader takes.
    response["Link"] = f'<{key.removesuffix(POINTS)}.json>; rel="describedby"; type="application/json"'
    return response


def _about(made: Report, key: str) -> HttpResponse:
    figure = made.figure(key)
    if figure is None:
        raise Http404
    name = f"{key}-{made.for_whom}.manifest.json"
    return _attached(manifest_of(made, [figure]), name=name, media="application/json")


def _attached(content: bytes, *, name: str, media: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> TemplateResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | context, status=status)


WRITERS: Final[dict[str, Writer]] = {"json": _json, "pdf": _pdf, "zip": _zip}
