"""Cohort reports made in the background, on the staff site: ask, watch, cancel, take the files."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from apps.admin import actor, now
from apps.cohorts.export_views import page_of
from apps.cohorts.models.reports import AUDIENCES, KINDS, ReportJob
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.reports import reporting
from apps.cohorts.reports.reporting import NoReport
from apps.cohorts.selectors import SNAPSHOT
from apps.cohorts.services import Asker
from apps.cohorts.tasks import run_report
from apps.workspace.permissions import access_of


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    asker, person = _asker(request), _person(request)
    audience = request.POST.get("audience", "")
    if audience not in AUDIENCES:
        messages.error(request, "No report is made: choose whom it is for.")
        return redirect("cohorts:report")
    try:
        question = read_question(request.META.get("QUERY_STRING", ""))
        job = reporting.ask_report(question, audience=audience, asker=asker, person=person)
    except (BadQuestion, NoReport) as refused:
        messages.error(request, f"No report is made. {refused}")
    else:
        run_report.ring(job_id=str(job.pk))
        messages.success(request, "The report is being made; you get a mail with a link.")
    return redirect("cohorts:exports")


@require_GET
def report(request: HttpRequest, report_id: UUID) -> HttpResponse:
    job = _own(request, report_id)
    return page_of(request, title=f"Report {job}", reports=[job])


@require_POST
def cancel(request: HttpRequest, report_id: UUID) -> HttpResponse:
    job, asker = _own(request, report_id), _asker(request)
    if reporting.cancel(job.pk, by=asker.by, at=asker.at, request_id=asker.request_id):
        messages.success(request, f"{job} is cancelled; nothing of it is kept.")
    else:
        messages.info(request, f"{job} had ended before it could be cancelled.")
    return redirect("cohorts:exports")


@require_GET
def file(request: HttpRequest, report_id: UUID, kind: str) -> HttpResponse:
    job, asker = _own(request, report_id), _asker(request)
    if kind not in KINDS:
        raise Http404
    if not job.is_there(asker.at):
        messages.error(request, f"{job} is not here, or not any more. Ask for it again.")
        return redirect("cohorts:exports")
    reporting.trace_file(job, asker=asker, kind=kind)
    return file_response(job, kind)


def file_response(job: ReportJob, kind: str) -> HttpResponse:
    content = bytes(job.files.get(kind=kind).content)
    name = f'attachment; filename="{job}.{kind}"'
    return HttpResponse(content, content_type=KINDS[kind], headers={"Content-Disposition": name})


def _own(request: HttpRequest, report_id: UUID) -> ReportJob:
    """What is somebody else's does not exist here."""
    own = reporting.own_reports(_person(request), access=_asker(request).access)
    found = own.filter(pk=report_id).first()
    if found is None:
        raise Http404
    return found


def _person(request: HttpRequest) -> Any:
    return request.user


def _asker(request: HttpRequest) -> Asker:
    access = access_of(request)
    if not access.may("view", resource=SNAPSHOT):
        raise PermissionDenied
    return Asker(actor(request), access, now(), str(request.META.get("REQUEST_ID", "")))
