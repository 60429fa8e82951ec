"""What every request gets: an id, the API's version, and an honest 503 when PostgreSQL is away."""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Final

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from apps.accounts.keys import MARK, look_up
from apps.admin import actor
from apps.row_security import EVERYTHING, SITE_ADMINS
from apps.workspace.permissions import Access, access_of, read_access
from apps.workspace.rights import Act
from config.deprecations import DEPRECATED, Deprecated, by_operation, described_path
from config.postgres.base import show_on_open_connections
from config.postgres.scope import NOTHING, Asking, ask_for, of_clinics

Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
RETRY_AFTER_SECONDS = 5
API: Final = "/api/"
STAFF: Final = "/staff/"
MEMBERSHIPS: Final = "accounts.staffmembership"


class RequestIdMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        request.META["REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-Id"] = request_id
        return response


class ApiVersionMiddleware:
    """Every answer of the API names its version, and says so when the operation will go."""

    def __init__(self, get_response: Handler, *, deprecated: Iterable[Deprecated] = DEPRECATED) -> None:
        self.get_response = get_response
        self.version = settings.API_VERSION.rpartition(".")[0]
        self.deprecated = by_operation(deprecated)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            response["API-Version"] = self.version
            if self.deprecated:
                self._warn(request, response)
        return response

    def _warn(self, request: HttpRequest, response: HttpResponse) -> None:
        match = request.resolver_match
        row = self.deprecated.get((request.method or "", described_path(match.route))) if match else None
        for name, value in row.headers().items() if row else ():
            # A page of a list has links of its own.
            response[name] = f"{response[name]}, {value}" if response.has_header(name) else value


class ClinicScopeMiddleware:
    """Says to PostgreSQL whose rows this request may be shown, before any is read.

    Each request says it anew, so nothing is left of the one before. A phone is held by its token.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            asking = asking_of(request)
            ask_for(asking.scope, actor=asking.actor, only_reads=asking.only_reads, people=asking.people)
        except (OperationalError, InterfaceError):
            return unavailable(request)
        show_on_open_connections()
        return self.get_response(request)


def asking_of(request: HttpRequest) -> Asking:
    if request.path_info.startswith(API):
        return asking_of_caller(request)
    if request.path_info.startswith(STAFF):
        who = actor(request) if request.user.is_authenticated else ""
        access = access_of(request)
        reads = access.emergency is not None
        return Asking(of_clinics(access.shown), who, only_reads=reads, people=people_of(access))
    return Asking()


def people_of(access: Access) -> str:
    """Whose memberships may be written: in an emergency nobody's, by the operator those of site admins."""
    if access.emergency is not None:
        return NOTHING
    run = access.clinics(Act.CHANGE, resource=MEMBERSHIPS)
    is_operator = access.everywhere(Act.CHANGE, resource=MEMBERSHIPS)
    return of_clinics(run | {SITE_ADMINS} if is_operator else run)


def asking_of_caller(request: HttpRequest) -> Asking:
    """A key is held to the clinics of its person, and a key that is not good to nothing.

    A phone is named by the statement that looks its token up: here it would cost each answer one more.
    """
    _, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not token.startswith(MARK):
        return Asking(EVERYTHING)
    key = look_up(token, at=timezone.now())
    if key is None:
        return Asking()
    return Asking(of_clinics(read_access(key.user).roles), f"staff:{key.user_id}")


class DatabaseDownMiddleware:
    """An entry that could not be stored is never answered with a 2xx, nor with a bare 500."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return unavailable(request) if isinstance(error, OperationalError | InterfaceError) else None


def unavailable(request: HttpRequest) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": "The record is not reachable just now. Keep the entry and send it again.",
        "status": 503,
        "code": "unavailable",
        "errors": [],
        "request_id": request.META.get("REQUEST_ID", ""),
    }
    response = JsonResponse(body, status=503, content_type="application/problem+json")
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
