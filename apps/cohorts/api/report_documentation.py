"""What the OpenAPI page says of the cohort report: words and error codes, no behaviour."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apps.cohorts.api import schemas, shapes
from apps.cohorts.api.documentation import TOO_MUCH, refusals
from apps.diary.documentation import BAD_PAGE, BODY_CODES, CURSOR, example, wrong

WORDS: Final = {
    "from": "The leads were placed on or after this day.",
    "to": "The leads were placed on or before this day.",
    "modality": "`SCS` or `DRG`.",
    "scale": "The patients answered on this pain scale, such as `nrs_11`. Figures of relief are of one "
    "scale: without it, of the one with the most trials.",
    "diagnosis": "A standing ICD-10-CM code of the patient begins so.",
    "waveform": "A program of the trial used it.",
    "device": "An external stimulator of that make and model was given out.",
    "order": "`first` trials of their patients, or `repeat` ones.",
    "rule_set": "Each trial is told by its answer under this rule set.",
    "clinic": "The clinic's number; may be given several times.",
    "audience": "`shared` (the default) rounds counts to fives and hides small ones; `clinic` is exact and "
    "has lines of single patients: for use inside the clinic.",
}


def _asked(name: str, words: str) -> OpenApiParameter:
    several = name == "clinic"
    kind = int if several else str
    options: dict[str, Any] = {"many": True} if several else {}
    if name == "audience":
        options = {"enum": ["shared", "clinic"], "default": "shared"}
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=words, **options)


GET_REPORT: Final[dict[str, Any]] = {
    "operation_id": "get_cohort_report",
    "tags": ["cohorts"],
    "summary": "The cohort report of a question",
    "description": "Every figure with its table, its n and who is missing, as the page's JSON file. Each "
    "answer is in the audit trail.",
    "parameters": [_asked(name, words) for name, words in WORDS.items()],
    "responses": {
        200: shapes.ReportOut,
        **refusals(
            more={
                400: wrong("`bad_question`, `unknown_value`"),
                403: "`scope_missing`, `permission_denied`: the key, or its person, may not read reports.",
                409: "`too_few_to_share`: fewer than five patients answer the question.",
            }
        ),
    },
}

NO_REPORT: Final = "`not_found`: no report under this id that was asked for by the person of this key."
NO_RIGHT: Final = "`scope_missing`, `permission_denied`: the key, or its person, may not read reports."
REPORT_ID: Final = OpenApiParameter("report_id", str, OpenApiParameter.PATH, description="From `id`.")
PLACE: Final = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[202], description="Where to ask how far it is."
)
LIST_REPORTS: Final[dict[str, Any]] = {
    "operation_id": "list_cohort_reports",
    "tags": ["cohorts"],
    "summary": "Reports in the making and made",
    "description": "Those that the person of this key has asked for or scheduled, newest first.",
    "parameters": CURSOR,
    "responses": {200: shapes.ReportJobsOut, **refusals(more={400: BAD_PAGE, 403: NO_RIGHT})},
}
POST_REPORT: Final[dict[str, Any]] = {
    "operation_id": "post_cohort_report",
    "tags": ["cohorts"],
    "summary": "Have a cohort report made in the background",
    "description": "As PDF and JSON, for cohorts whose report takes longer than a request may. Asked again "
    "while it is made, the answer is the same report. Ask under `Location` how far it is.",
    "parameters": [PLACE],
    "request": schemas.ReportBody,
    "responses": {
        202: shapes.ReportJobOut,
        **refusals(
            more={
                400: wrong(f"{BODY_CODES}, `bad_question`"),
                403: NO_RIGHT,
                409: "`no_report`: too many reports of this person are being made, or no clinic is theirs.",
                **TOO_MUCH,
            }
        ),
    },
    "examples": example("First trials, to share", {"question": "order=first", "audience": "shared"}),
}
GET_REPORT_JOB: Final[dict[str, Any]] = {
    "operation_id": "get_cohort_report_job",
    "tags": ["cohorts"],
    "summary": "How far a report is",
    "description": "`files` are there when the report is. Ask every few seconds, not more often.",
    "parameters": [REPORT_ID],
    "responses": {200: shapes.ReportJobOut, **refusals(more={403: NO_RIGHT, 404: NO_REPORT})},
}
CANCEL_REPORT: Final[dict[str, Any]] = {
    "operation_id": "cancel_cohort_report",
    "tags": ["cohorts"],
    "summary": "Have a report made no further",
    "description": "What was made of it goes. A report that is made already stays, and is answered as it is.",
    "parameters": [REPORT_ID],
    "request": None,
    "responses": {200: shapes.ReportJobOut, **refusals(more={403: NO_RIGHT, 404: NO_REPORT})},
}
GET_REPORT_FILE: Final[dict[str, Any]] = {
    "operation_id": "get_cohort_report_file",
    "tags": ["cohorts"],
    "summary": "A file of a report that was made",
    "description": "PDF and JSON tell of the same moment. Each download is in the audit trail.",
    "parameters": [
        REPORT_ID,
        OpenApiParameter("kind", str, OpenApiParameter.PATH, description="json or pdf."),
    ],
    "responses": {
        (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="The PDF."),
        (200, "application/json"): shapes.ReportOut,
        **refusals(
            more={
                403: NO_RIGHT,
                404: NO_REPORT,
                409: "`not_there`: not made yet, not made at all, or no longer kept.",
            }
        ),
    },
}
