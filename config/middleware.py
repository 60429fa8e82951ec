"""What every request gets: an id, the API's version, and an honest 503 when PostgreSQL is away."""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Final, cast

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from apps.accounts.keys import MARK, look_up
from apps.admin import actor
from apps.row_security import EVERYTHING
from apps.workspace.permissions import access_of, read_access
from config.deprecations import DEPRECATED, Deprecated, by_operation, described_path
from config.postgres.base import DatabaseWrapper
from config.postgres.scope import NOTHING, ask_for, of_clinics

Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
RETRY_AFTER_SECONDS = 5
API: Final = "/api/"
STAFF: Final = "/staff/"


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
            ask_for(scope_of(request), actor=actor_of(request))
        except (OperationalError, InterfaceError):
            return unavailable(request)
        for connection in connections.all(initialized_only=True):
            cast(DatabaseWrapper, connection).show()
        return self.get_response(request)


def scope_of(request: HttpRequest) -> str:
    if request.path_info.startswith(API):
        return scope_of_caller(request)
    if request.path_info.startswith(STAFF):
        return of_clinics(access_of(request).roles)
    return NOTHING


def scope_of_caller(request: HttpRequest) -> str:
    """A key is held to the clinics of its person, and a key that is not good to nothing."""
    _, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not token.startswith(MARK):
        return EVERYTHING
    key = look_up(token, at=timezone.now())
    return of_clinics(read_access(key.user).roles) if key is not None else NOTHING


def actor_of(request: HttpRequest) -> str:
    """A phone is named by the trail, in the same transaction: here it would cost each answer a statement."""
    return actor(request) if request.path_info.startswith(STAFF) and request.user.is_authenticated else ""


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
