"""The cohort report for programs of analysts: the JSON that its page offers."""

from typing import ClassVar, Final
from urllib.parse import urlencode

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.audit.services import record_in
from apps.cohorts.api import report_documentation as docs
from apps.cohorts.api.views import KeyView, key_of
from apps.cohorts.question import BadQuestion, read_question
from apps.cohorts.reports.report import Report, TooFewToShare, report_of
from apps.cohorts.selectors import SNAPSHOT, clinics_of
from apps.problems import FieldError, Problem, invalid
from apps.workspace.permissions import read_access

READ: Final = "reports.read"
#: Who the report is for, and whether it is fit to be shared; what a program leaves out is the safe one.
AUDIENCES: Final = {"shared": True, "clinic": False}


class ReportView(KeyView):
    scopes: ClassVar[dict[str, str]] = {"GET": READ}

    @extend_schema(**docs.GET_REPORT)
    def get(self, request: Request) -> Response:
        asked = [(name, value) for name, values in request.query_params.lists() for value in values]
        audience = [value for name, value in asked if name == "audience"] or ["shared"]
        if len(audience) > 1 or audience[0] not in AUDIENCES:
            raise invalid(FieldError("/audience", "unknown_value", "Write shared or clinic, once."))
        text = urlencode([one for one in asked if one[0] != "audience"])
        return Response(_made(request, text, shared=AUDIENCES[audience[0]]).as_json())


def _made(request: Request, text: str, *, shared: bool) -> Report:
    """The report, and the trace of it in the trail of every clinic in it."""
    key, at = key_of(request), timezone.now()
    access = read_access(key.user)
    if not access.may("view", resource=SNAPSHOT):
        raise Problem(403, "permission_denied", "The person of this key may not read cohorts.")
    try:
        question = read_question(text)
        made = report_of(question, access=access, at=at, shared=shared)
        clinics = clinics_of(question, access=access)
    except BadQuestion as bad:
        errors = (FieldError(f"/{name}", "bad_question", words) for name, words in bad.errors.items())
        raise invalid(*errors) from None
    except TooFewToShare as refusal:
        raise Problem(409, "too_few_to_share", str(refusal)) from None
    record_in(
        sorted(clinics),
        action="export",
        object_type="cohort_report",
        object_id="json",
        by=f"staff:{key.user_id}",
        at=at,
        request_id=str(request.META.get("REQUEST_ID", "")),
        detail={"question": question.query, "shared": shared, "via": f"key {key.prefix}"},
    )
    return made
