"""Files made in the background, as programs of analysts ask for them."""

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey
from apps.cohorts import exporting
from apps.cohorts.api import export_documentation as docs
from apps.cohorts.api.schemas import ExportBody
from apps.cohorts.api.serializers import export_json
from apps.cohorts.api.views import (
    NOT_HERE,
    READ,
    KeyView,
    asker_of,
    key_of,
    listed,
    open_snapshot,
    require_file,
)
from apps.cohorts.export_views import file_response
from apps.cohorts.exporting import NoExport
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.services import trace_download
from apps.cohorts.tasks import run_export
from apps.diary.schemas import parse
from apps.problems import Problem
from apps.workspace.permissions import read_access
from sctrial.deidentify_tables import Form


class ExportsView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(**docs.POST_EXPORT)
    def post(self, request: Request, snapshot_id: str) -> Response:
        key, body, at = key_of(request), parse(ExportBody, request.data), timezone.now()
        snapshot = open_snapshot(key, snapshot_id)
        require_file(snapshot, table=body.table, ending=body.format)
        try:
            job = exporting.ask_export(
                snapshot,
                table=body.table,
                kind=body.format,
                person=key.user,
                at=at,
                via=f"key {key.prefix}",
                wants_mail=body.mail,
                request_id=asker_of(key, request, at=at).request_id,
            )
        except NoExport as none:
            raise Problem(409, "no_export", str(none)) from None
        run_export.ring(job_id=str(job.pk))
        place = settings.PUBLIC_URL + reverse("cohort-export", args=[job.pk])
        status = 202 if job.is_live else 200
        return Response(export_json(job, at=at), status=status, headers={"Location": place})


class OwnExportsView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.LIST_EXPORTS)
    def get(self, request: Request) -> Response:
        at = timezone.now()
        own = _all_own(key_of(request))
        return listed(request, own, newest_by="asked_at", as_json=lambda job: export_json(job, at=at))


class ExportView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_EXPORT)
    def get(self, request: Request, export_id: str) -> Response:
        return Response(export_json(_own(key_of(request), export_id), at=timezone.now()))


class CancelView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(**docs.CANCEL_EXPORT)
    def post(self, request: Request, export_id: str) -> Response:
        key, at = key_of(request), timezone.now()
        job, asker = _own(key, export_id), asker_of(key, request, at=at)
        exporting.cancel(job.pk, by=asker.by, at=at, request_id=asker.request_id)
        job.refresh_from_db()
        return Response(export_json(job, at=at))


class ExportFileView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_EXPORT_FILE)
    def get(self, request: Request, export_id: str) -> StreamingHttpResponse:
        key, at = key_of(request), timezone.now()
        job = _own(key, export_id)
        if not job.is_there(at):
            raise Problem(
                409, "not_there", "There is no file yet, or none any more; `state` and `error` say why."
            )
        via = f"file {job.pk}, key {key.prefix}"
        asker = asker_of(key, request, at=at)
        trace_download(job.snapshot, asker=asker, table=job.table, kind=job.kind, via=via)
        return file_response(job)


def _own(key: ApiKey, export_id: str) -> ExportJob:
    """Of the person whose key it is; never an identified one."""
    try:
        asked = UUID(export_id)
    except ValueError:
        raise NOT_HERE from None
    found = _all_own(key).filter(pk=asked).first()
    if found is None:
        raise NOT_HERE
    return found


def _all_own(key: ApiKey) -> QuerySet[ExportJob]:
    own = exporting.own_exports(key.user, access=read_access(key.user))
    return own.exclude(snapshot__form=Form.IDENTIFIED.value)
