"""How the API says no: RFC 9457 problems that name the field and the remedy."""

import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.problems import Problem

CODES = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "token_refused",
    exceptions.PermissionDenied: "permission_denied",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.NotFound: "not_found",
    exceptions.ParseError: "malformed_json",
    exceptions.Throttled: "too_many_requests",
}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any expected exception of a view into ``application/problem+json``."""
    problem = _problem_of(error)
    if problem is None:
        return None
    request: Request = context["request"]
    body = problem.as_json(request_id=request.META.get("REQUEST_ID", ""))
    response = Response(body, status=problem.status, content_type="application/problem+json")
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _problem_of(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404, "not_found", "Nothing here under this address.")
    if not isinstance(error, exceptions.APIException):
        return None
    code = CODES.get(type(error), "error")
    challenge = getattr(error, "auth_header", None)
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(math.ceil(error.wait or 1))
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """An address below the API that no route knows answers like any other refusal."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return plain_problem(request, Problem(404, "not_found", "Nothing here under this address."))


def server_error(request: HttpRequest) -> HttpResponseBase:
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return plain_problem(
        request, Problem(500, "error", "Not stored. Keep the entry and send it again later.")
    )


def plain_problem(request: HttpRequest, problem: Problem) -> JsonResponse:
    body = problem.as_json(request_id=request.META.get("REQUEST_ID", ""))
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")
