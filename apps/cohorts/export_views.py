"""Files in the making on the staff site: ask for one, watch it, cancel it, ask again, take it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Clinic
from apps.admin import actor, now
from apps.cohorts import downloads, exporting
from apps.cohorts.exporting import NoExport
from apps.cohorts.models.jobs import ExportJob, ExportState
from apps.cohorts.models.reports import KINDS, ReportJob
from apps.cohorts.question import read_question
from apps.cohorts.reports import reporting
from apps.cohorts.selectors import SNAPSHOT, open_snapshots
from apps.cohorts.services import Asker, trace_download
from apps.cohorts.tasks import run_export
from apps.workspace.permissions import Access, access_of

SHOWN = 50


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    reports = reporting.own_reports(_person(request), access=_access(request))[:SHOWN]
    return page_of(request, title="Files", jobs=_own_all(request)[:SHOWN], reports=reports)


@require_GET
def export(request: HttpRequest, export_id: UUID) -> HttpResponse:
    job = _own(request, export_id)
    return page_of(request, title=f"File {job}", jobs=[job])


@require_POST
def ask(request: HttpRequest, snapshot_id: str) -> HttpResponse:
    found = open_snapshots(_access(request)).filter(pk=snapshot_id).first()
    if found is None:
        raise Http404
    table, _, kind = request.POST.get("file", "").partition(".")
    job = _ask(request, found, table=table, kind=kind, wants_mail="mail" in request.POST)
    return redirect("cohorts:exports") if job else redirect("cohorts:snapshot", found.pk)


@require_POST
def again(request: HttpRequest, export_id: UUID) -> HttpResponse:
    old = _own(request, export_id)
    _ask(request, old.snapshot, table=old.table, kind=old.kind, wants_mail=old.wants_mail)
    return redirect("cohorts:exports")


@require_POST
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    job = _own(request, export_id)
    if exporting.cancel(job.pk, by=actor(request), at=now(), request_id=_request_id(request)):
        messages.success(request, f"{job} is cancelled; nothing of it is kept.")
    else:
        messages.info(request, f"{job} had ended before it could be cancelled.")
    return redirect("cohorts:exports")


@require_GET
def file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    job, at = _own(request, export_id), now()
    if not job.is_there(at):
        messages.error(request, f"{job} is not here, or not any more. Ask for it again.")
        return redirect("cohorts:exports")
    asker = Asker(actor(request), _access(request), at, _request_id(request))
    trace_download(job.snapshot, asker=asker, table=job.table, kind=job.kind, via=f"file {job.pk}")
    return file_response(job)


def file_response(job: ExportJob) -> StreamingHttpResponse:
    response = StreamingHttpResponse(exporting.pieces_of(job.pk), content_type=downloads.media_of(job.kind))
    response["Content-Disposition"] = f'attachment; filename="{job}"'
    response["Content-Length"] = str(job.size)
    return response


def _ask(request: HttpRequest, snapshot: Any, **asked: Any) -> ExportJob | None:
    person: Any = request.user
    try:
        job = exporting.ask_export(
            snapshot, person=person, at=now(), request_id=_request_id(request), **asked
        )
    except NoExport as none:
        messages.error(request, str(none))
        return None
    run_export.ring(job_id=str(job.pk))
    messages.success(
        request, f"{job} is ready." if job.state == ExportState.DONE else f"{job} is being made."
    )
    return job


def _own_all(request: HttpRequest) -> Any:
    return exporting.own_exports(_person(request), access=_access(request))


def _person(request: HttpRequest) -> Any:
    return request.user


def _own(request: HttpRequest, export_id: UUID) -> ExportJob:
    """What is somebody else's does not exist here."""
    found: ExportJob | None = _own_all(request).filter(pk=export_id).first()
    if found is None:
        raise Http404
    return found


def _access(request: HttpRequest) -> Access:
    access = access_of(request)
    if not access.may("view", resource=SNAPSHOT):
        raise PermissionDenied
    return access


def _request_id(request: HttpRequest) -> str:
    return str(request.META.get("REQUEST_ID", ""))


def page_of(
    request: HttpRequest,
    *,
    title: str,
    jobs: Iterable[ExportJob] | None = None,
    reports: Iterable[ReportJob] | None = None,
) -> TemplateResponse:
    """Both lists, or the one that is given."""
    at = now()
    files = [{"job": job, "is_there": job.is_there(at), "label": downloads.label_of(job.kind)}
             for job in jobs or ()]  # fmt: skip
    made = [{"job": job, "is_there": job.is_there(at), "question": words_of(job)} for job in reports or ()]
    rows: list[dict[str, Any]] = [*files, *made]
    context = {
        "title": title,
        "rows": None if jobs is None else files,
        "reports": None if reports is None else made,
        "live": sum(row["job"].is_live for row in rows),
        "there": sum(row["is_there"] for row in rows),
        "days": {"file": settings.EXPORT_DAYS, "report": settings.REPORT_DAYS},
        "kinds": KINDS,
    }
    return TemplateResponse(request, "cohorts/exports.html", admin.site.each_context(request) | context)


def words_of(job: ReportJob) -> str:
    """The question, with its clinics by name."""
    question = read_question(job.question)
    clinics = Clinic.objects.filter(pk__in=question.clinics).values_list("name", flat=True)
    return f"{replace(question, clinics=()).words}; {', '.join(clinics)}"
