"""What the OpenAPI page says of the cohort report: words and error codes, no behaviour."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from apps.cohorts import api_shapes as shapes
from apps.cohorts.api_documentation import refusals
from apps.diary.documentation import wrong

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
