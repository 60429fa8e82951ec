"""What programs of analysts ask, each with a key of the person who answers for it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import ANY, HasScope, KeyAuthentication
from apps.accounts.models import ApiKey
from apps.cohorts.api import documentation as docs
from apps.cohorts.api.schemas import LinkBody, SnapshotBody
from apps.cohorts.api.serializers import detail_json, key_json, snapshot_json
from apps.cohorts.downloads import CannotWrite, is_file, media_of, write_file
from apps.cohorts.links import BadLink, Link, LinkExpired, make_link, open_link
from apps.cohorts.models import Snapshot
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.selectors import open_snapshots
from apps.cohorts.services import Asker, NoSnapshot, make_snapshot, trace_download
from apps.cohorts.throttling import KeyThrottle, LinkThrottle
from apps.diary.schemas import parse
from apps.diary.views import NewestFirst
from apps.problems import FieldError, Problem, invalid
from apps.workspace.permissions import read_access
from sctrial.deidentify_tables import Form


class KeyView(APIView):
    """Takes keys alone: no session, no phone. Says with each answer how much the key may still ask."""

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (KeyThrottle,)
    #: The scope that each method takes.
    scopes: ClassVar[dict[str, str]] = {}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """What there is has one form: a program's Accept header is no reason to refuse it."""
        return JSONRenderer(), JSONRenderer.media_type

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        allowance = getattr(getattr(request, "_request", request), "allowance", None)
        if allowance is not None:
            response["RateLimit-Policy"] = allowance.rate.policy
            response["RateLimit"] = allowance.header
        return response


class OwnKeyView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": ANY}

    @extend_schema(**docs.GET_KEY)
    def get(self, request: Request) -> Response:
        return Response(key_json(key_of(request)))


READ, MAKE = "snapshots.read", "snapshots.make"
NOT_HERE = Problem(404, "not_found", "Nothing here under this address.")


def listed(
    request: Request, rows: QuerySet[Any], *, newest_by: str, as_json: Callable[[Any], dict[str, Any]]
) -> Response:
    """One page of ``rows``, the newest first."""
    pages = NewestFirst()
    pages.ordering = (f"-{newest_by}", "-id")
    try:
        found: list[Any] = pages.paginate_queryset(rows, request) or []
    except (NotFound, ValidationError, ValueError):
        detail = "Follow the address in `next`; a cursor is not made by hand."
        raise invalid(FieldError("/cursor", "bad_cursor", detail)) from None
    return pages.get_paginated_response([as_json(row) for row in found])


def bad_question(bad: BadQuestion) -> Problem:
    """Of a question that stands in one field of a body."""
    errors = (f"{name}: {text}" for name, text in bad.errors.items())
    return invalid(*(FieldError("/question", "bad_question", error) for error in errors))


class SnapshotsView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ, "POST": MAKE}

    @extend_schema(**docs.LIST_SNAPSHOTS)
    def get(self, request: Request) -> Response:
        return listed(request, _open_to(key_of(request)), newest_by="made_at", as_json=snapshot_json)

    @extend_schema(**docs.POST_SNAPSHOT)
    def post(self, request: Request) -> Response:
        body = parse(SnapshotBody, request.data)
        asker = asker_of(key_of(request), request, at=timezone.now())
        try:
            question = read_question(body.question)
            made = make_snapshot(question, asker=asker, form=Form(body.form))
        except BadQuestion as bad:
            raise bad_question(bad) from None
        except NoSnapshot as none:
            raise Problem(409, "no_snapshot", str(none)) from None
        is_new = made.made_at == asker.at
        return Response(detail_json(made), status=201 if is_new else 200)


class SnapshotView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_SNAPSHOT)
    def get(self, request: Request, snapshot_id: str) -> Response:
        return Response(detail_json(open_snapshot(key_of(request), snapshot_id)))


class FileView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_FILE)
    def get(self, request: Request, snapshot_id: str, table: str, ending: str) -> HttpResponseBase:
        key = key_of(request)
        snapshot = open_snapshot(key, snapshot_id)
        asker = asker_of(key, request, at=timezone.now())
        return _file(snapshot, table=table, ending=ending, asker=asker, via=f"key {key.prefix}")


class LinksView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"POST": READ}

    @extend_schema(**docs.POST_LINK)
    def post(self, request: Request, snapshot_id: str) -> Response:
        key, body = key_of(request), parse(LinkBody, request.data)
        snapshot = open_snapshot(key, snapshot_id)
        require_file(snapshot, table=body.table, ending=body.format)
        link, ends = make_link(
            key,
            snapshot_id=snapshot.pk,
            table=body.table,
            kind=body.format,
            minutes=body.minutes,
            at=timezone.now(),
        )
        url = settings.PUBLIC_URL + reverse("cohort-link", args=[link.seal()])
        return Response({"url": url, "expires_at": ends.isoformat()}, status=201)


class LinkedFileView(KeyView):
    """The address is the credential: whoever has it has the file, until it ends or its key is revoked."""

    authentication_classes = ()  # type: ignore[assignment]
    permission_classes = (AllowAny,)  # type: ignore[assignment]
    throttle_classes = (LinkThrottle,)  # type: ignore[assignment]

    @extend_schema(**docs.GET_LINK)
    def get(self, request: Request, sealed: str) -> HttpResponseBase:
        at = timezone.now()
        link, key = _unsealed(sealed, at=at)
        if READ not in key.scopes:
            raise NOT_HERE
        snapshot = open_snapshot(key, link.snapshot_id)
        asker = asker_of(key, request, at=at)
        via = f"link of key {key.prefix}"
        return _file(snapshot, table=link.table, ending=link.format, asker=asker, via=via)


def _unsealed(sealed: str, *, at: datetime) -> tuple[Link, ApiKey]:
    try:
        return open_link(sealed, at=at)
    except BadLink:
        raise NOT_HERE from None
    except LinkExpired:
        title = "This address has ended, or its key was revoked. Ask for a new one with a good key."
        raise Problem(410, "link_expired", title) from None


def key_of(request: Request) -> ApiKey:
    assert isinstance(request.auth, ApiKey)
    return request.auth


def asker_of(key: ApiKey, request: Request, *, at: datetime) -> Asker:
    """The person whose key it is, with the rights that person has now."""
    request_id = str(request.META.get("REQUEST_ID", ""))
    return Asker(f"staff:{key.user_id}", read_access(key.user), at, request_id)


def _open_to(key: ApiKey) -> Any:
    """Never an identified one: those leave through the staff site alone, with a reason."""
    return open_snapshots(read_access(key.user)).exclude(form=Form.IDENTIFIED.value)


def open_snapshot(key: ApiKey, snapshot_id: str) -> Snapshot:
    found: Snapshot | None = _open_to(key).filter(pk=snapshot_id).first() if "\0" not in snapshot_id else None
    if found is None:
        raise NOT_HERE
    return found


def require_file(snapshot: Snapshot, *, table: str, ending: str) -> None:
    """Raises Problem."""
    if not is_file(snapshot, table, ending):
        detail = "is no format of this; one table takes csv to dta, all take xlsx to redcap-dictionary.csv."
        raise invalid(FieldError("/format", "no_such_file", detail))


def _file(snapshot: Snapshot, *, table: str, ending: str, asker: Asker, via: str) -> StreamingHttpResponse:
    if not is_file(snapshot, table, ending):
        raise NOT_HERE
    try:
        pieces = write_file(snapshot, table, ending)
    except CannotWrite as error:
        raise Problem(409, "cannot_write", f"No file was made: {error}.") from None
    trace_download(snapshot, asker=asker, table=table, kind=ending, via=via)
    response = StreamingHttpResponse(pieces, content_type=media_of(ending))
    response["Content-Disposition"] = f'attachment; filename="{snapshot.pk}-{table}.{ending}"'
    return response
