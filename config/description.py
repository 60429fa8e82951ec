"""The committed description of the API, for whoever builds a client. No generator runs in the service."""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import condition

from apps.problems import Problem
from config.api import plain_problem

DESCRIPTION: bytes = (settings.BASE_DIR / "openapi.yaml").read_bytes()
ETAG = f'"{hashlib.sha256(DESCRIPTION).hexdigest()[:32]}"'
ALLOWED = ("GET", "HEAD")


def openapi(request: HttpRequest) -> HttpResponseBase:
    if request.method not in ALLOWED:
        refusal = plain_problem(request, Problem(405, "method_not_allowed", "Only to be read."))
        refusal["Allow"] = ", ".join(ALLOWED)
        return refusal
    return _description(request)


def _etag(request: HttpRequest) -> str:
    return ETAG


@condition(etag_func=_etag)
def _description(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(DESCRIPTION, content_type="application/yaml")
    response["Cache-Control"] = "public, max-age=3600"
    return response
