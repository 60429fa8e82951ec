"""What every request gets: an id, and an honest 503 when PostgreSQL is away."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
RETRY_AFTER_SECONDS = 5


class RequestIdMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-Id", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        request.META["REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        response["X-Request-Id"] = request_id
        return response


class DatabaseDownMiddleware:
    """An entry that could not be stored is never answered with a 2xx, nor with a bare 500."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
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
