"""How the API says no: RFC 9457 problems that name the field and the remedy."""

import math
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import ApiKey
from apps.diary.models import PatientDevice
from apps.problems import Problem, log_refusal

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
READS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = READS | {"PUT", "POST", "PATCH", "DELETE", "TRACE"}


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any expected exception of a view into ``application/problem+json``."""
    problem = _problem_of(error)
    if problem is None:
        return None
    request: Request = context["request"]
    _log_write(request._request, problem, by=_name_of(request))
    body = problem.as_json(request_id=request.META.get("REQUEST_ID", ""))
    response = Response(body, status=problem.status, content_type="application/problem+json")
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _name_of(request: Request) -> str:
    # Not request.auth, which would try again to authenticate a request that has just failed to.
    caller = getattr(request, "_auth", None)
    if isinstance(caller, PatientDevice):
        return f"device:{caller.pk}"
    return f"key:{caller.pk}" if isinstance(caller, ApiKey) else "nobody"


def _log_write(request: HttpRequest, problem: Problem, *, by: str) -> None:
    if request.method in READS:
        return
    # The route, not the path: an address may hold what no log should.
    match = request.resolver_match
    route = match.route if match is not None else "an unknown address"
    log_refusal(problem, operation=f"{_method_of(request)} {route}", by=by)


def _method_of(request: HttpRequest) -> str:
    method = request.method or ""
    return method if method in METHODS else "another method"


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
        headers["Retry-After"] = str(math.ceil(getattr(error, "wait", None) or 1))
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """An address below the API that no route knows answers like any other refusal."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return _refused(request, Problem(404, "not_found", "Nothing here under this address."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A request that no view may see, such as one for another host."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return _refused(request, Problem(400, "bad_request", "This request is not one that is answered here."))


def _refused(request: HttpRequest, problem: Problem) -> JsonResponse:
    _log_write(request, problem, by="nobody")
    return plain_problem(request, problem)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return plain_problem(
        request, Problem(500, "error", "Not stored. Keep the entry and send it again later.")
    )


def plain_problem(request: HttpRequest, problem: Problem) -> JsonResponse:
    body = problem.as_json(request_id=request.META.get("REQUEST_ID", ""))
    return JsonResponse(body, status=problem.status, content_type="application/problem+json")
