"""Cohort reports made in the background, as programs of analysts ask for them."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey
from apps.cohorts.api import report_documentation as docs
from apps.cohorts.api.report_views import READ
from apps.cohorts.api.schemas import ReportBody
from apps.cohorts.api.serializers import report_job_json
from apps.cohorts.api.views import NOT_HERE, KeyView, asker_of, bad_question, key_of, listed
from apps.cohorts.models.reports import KINDS, ReportJob
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.report_job_views import file_response
from apps.cohorts.reports import reporting
from apps.cohorts.reports.reporting import NoReport
from apps.cohorts.selectors import SNAPSHOT
from apps.cohorts.tasks import run_report
from apps.diary.schemas import parse
from apps.problems import Problem
from apps.workspace.permissions import read_access


class ReportsView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": READ}

    @extend_schema(**docs.LIST_REPORTS)
    def get(self, request: Request) -> Response:
        key, at = _key(request), timezone.now()
        own = reporting.own_reports(key.user, access=read_access(key.user))
        return listed(request, own, newest_by="asked_at", as_json=lambda job: report_job_json(job, at=at))

    @extend_schema(**docs.POST_REPORT)
    def post(self, request: Request) -> Response:
        key, body, at = _key(request), parse(ReportBody, request.data), timezone.now()
        try:
            job = reporting.ask_report(
                read_question(body.question),
                audience=body.audience,
                asker=asker_of(key, request, at=at),
                person=key.user,
                via=f"key {key.prefix}",
                wants_mail=body.mail,
            )
        except BadQuestion as bad:
            raise bad_question(bad) from None
        except NoReport as none:
            raise Problem(409, "no_report", str(none)) from None
        run_report.ring(job_id=str(job.pk))
        place = settings.PUBLIC_URL + reverse("cohort-report-job", args=[job.pk])
        return Response(report_job_json(job, at=at), status=202, headers={"Location": place})


class ReportJobView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_REPORT_JOB)
    def get(self, request: Request, report_id: str) -> Response:
        return Response(report_job_json(_own(_key(request), report_id), at=timezone.now()))


class CancelView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(**docs.CANCEL_REPORT)
    def post(self, request: Request, report_id: str) -> Response:
        key, at = _key(request), timezone.now()
        job, asker = _own(key, report_id), asker_of(key, request, at=at)
        reporting.cancel(job.pk, by=asker.by, at=at, request_id=asker.request_id)
        job.refresh_from_db()
        return Response(report_job_json(job, at=at))


class FileView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_REPORT_FILE)
    def get(self, request: Request, report_id: str, kind: str) -> HttpResponse:
        key, at = _key(request), timezone.now()
        job = _own(key, report_id)
        if kind not in KINDS:
            raise NOT_HERE
        if not job.is_there(at):
            title = "There is no file yet, or none any more; `state` and `error` say why."
            raise Problem(409, "not_there", title)
        asker = asker_of(key, request, at=at)
        reporting.trace_file(job, asker=asker, kind=kind, via=f"key {key.prefix}")
        return file_response(job, kind)


def _key(request: Request) -> ApiKey:
    key = key_of(request)
    if not read_access(key.user).may("view", resource=SNAPSHOT):
        raise Problem(403, "permission_denied", "The person of this key may not read cohorts.")
    return key


def _own(key: ApiKey, report_id: str) -> ReportJob:
    """Of the person whose key it is."""
    try:
        asked = UUID(report_id)
    except ValueError:
        raise NOT_HERE from None
    found = reporting.own_reports(key.user, access=read_access(key.user)).filter(pk=asked).first()
    if found is None:
        raise NOT_HERE
    return found
