"""What the OpenAPI page says of each operation: words, examples and error codes, no behaviour."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from apps.diary import schemas, shapes

Responses = dict[Any, Any]
CUT_OFF = "`body_incomplete`: the body did not arrive whole; nothing was stored. Send it again."
#: What each refusal may say in ``code`` or in ``errors[].code``.
CODES: Mapping[int, str] = {
    400: "A field is wrong; `errors` names it and the remedy. Nothing was stored.",
    401: "`not_authenticated`, `token_refused`: the phone is not paired, or its pairing was revoked.",
    404: "`not_found`: nothing under this id in this trial; another trial's id answers the same.",
    408: CUT_OFF,
    412: "`changed_meanwhile`: the settings were changed since they were read.",
    413: "`body_too_large`, `batch_too_large`.",
    415: "`unsupported_media_type`: send application/json.",
    428: "`if_match_required`: send If-Match with the ETag of GET.",
    429: "`too_many_requests`: come again after `Retry-After` seconds; keep the answer.",
    503: "`unavailable`: not stored; send it again after `Retry-After`.",
}
CONFLICT = (
    "`entry_conflict`: the id carries another answer. `slot_taken`, `already_superseded`: another answer was "
    "first, the clinic sees both. `late_is_final`: a late answer is not changed. `unknown_version`: the "
    "clinic keeps it for review. `trial_closed`, `consent_withdrawn`: no answers are taken now."
)
BATCH_CONFLICT = (
    "Kept from version 1.0 and not used: `entry_conflict`, `trial_closed` and the like stand in `results`, "
    "for each answer on its own."
)
SAME_ID = "`entry_conflict`: the id carries something else already."
#: What the body of any operation may be refused for, and what that of some may be refused for beside it.
BODY_CODES = (
    " Codes: `malformed_json`, `required`, `unknown_field`, `unknown_value`, `malformed`, `out_of_range`, "
    "`not_an_object`, `not_an_integer`, `not_text`, `not_a_flag`"
)
ZONE_CODES = f"{BODY_CODES}, `unknown_zone`"
DEVICE_CODES = f"{ZONE_CODES}, `unknown_push_service`"
MOMENT_CODES = (
    f"{ZONE_CODES}, `not_uuid4`, `not_rfc3339`, `no_such_time`, `offset_zone_mismatch`, `in_the_future`"
)
CAPTURE_CODES = (
    f"{MOMENT_CODES}, `off_scale`, `not_an_answer`, `before_diary`, `after_trial`, `window_not_open`, "
    "`window_closed`, `baseline_closed`, `after_captured_at`, `begun_too_early`, `other_question`, "
    "`supersedes_itself`, `proxy_device`"
)
QUERY_CODES = "A parameter is wrong; `errors` names it. Codes: "
ANY = (401, 429, 503)


def refusals(*statuses: int, more: Mapping[int, str] | None = None) -> Responses:
    """Problems of these statuses, and of those that every operation may answer."""
    words = dict(CODES) | dict(more or {})
    return {
        (status, "application/problem+json"): OpenApiResponse(shapes.ProblemOut, description=words[status])
        for status in sorted({*statuses, *ANY})
    }


def writes(*statuses: int, conflict: str = CONFLICT, codes: str = CAPTURE_CODES) -> Responses:
    """Refusals of an operation that stores something."""
    return refusals(400, 408, 409, 413, 415, *statuses, more={409: conflict, 400: wrong(codes)})


def wrong(codes: str) -> str:
    return f"{CODES[400]}{codes}."


def id_parameter(name: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, OpenApiParameter.PATH, description="Canonical UUIDv4 made by the phone."
    )


def header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=description)


BAD_PAGE = f"{QUERY_CODES}`bad_cursor`, `out_of_range`."
CURSOR = [
    OpenApiParameter("cursor", str, description="From `next`; not made by hand."),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": 500},
        description="Answers a page, 1 to 500; 50 when left out.",
    ),
]


def example(name: str, value: Any) -> list[OpenApiExample]:
    return [OpenApiExample(name, value=value, request_only=True)]


EXAMPLE_ID = "5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"
CAPTURE = {"captured_at": "2026-10-12T20:14:05+02:00", "zone": "Europe/Berlin"}
SCORE = {
    "region": "target",
    "kind": "average",
    "value": 4,
    **CAPTURE,
    "instrument_version": "nrs-average-24h/1",
}
SLEEP = {"question": "sleep", "answer": {"number": 6}, **CAPTURE, "instrument_version": "sleep/1"}

GET_TODAY: dict[str, Any] = {
    "operation_id": "get_today",
    "tags": ["diary"],
    "summary": "What is asked today and on the days to come",
    "description": "Questions with their wording, windows on the patient's own clock, and what was answered. "
    "Enough for a phone to ask for two weeks without a network. `If-None-Match` answers 304.",
    "parameters": [
        OpenApiParameter("lang", str, description="Language of the wording; else that of this phone."),
        OpenApiParameter("zone", str, description="IANA zone the phone is in; else the patient's."),
        header("If-None-Match", "ETag of the answer that the phone holds."),
    ],
    "responses": {
        200: shapes.TodayOut,
        304: OpenApiResponse(description="Nothing changed."),
        **refusals(400, more={400: f"{QUERY_CODES}`unknown_zone`."}),
    },
}
PUT_ENTRY: dict[str, Any] = {
    "operation_id": "put_diary_entry",
    "tags": ["diary"],
    "summary": "Send one pain score",
    "description": "Safe to repeat: the same id and body answer 200 with the same representation.",
    "parameters": [id_parameter("entry_id")],
    "request": schemas.EntryBody,
    "responses": {201: shapes.EntryOut, 200: shapes.EntryOut, **writes(404)},
    "examples": example("An evening score", SCORE),
}
GET_ENTRY: dict[str, Any] = {
    "operation_id": "get_diary_entry",
    "tags": ["diary"],
    "summary": "Read one pain score back",
    "description": "As it is stored, of this trial only.",
    "parameters": [id_parameter("entry_id")],
    "responses": {200: shapes.EntryOut, **refusals(404)},
}
LIST_ENTRIES: dict[str, Any] = {
    "operation_id": "list_diary_entries",
    "tags": ["diary"],
    "summary": "Read the pain scores of the last seven days",
    "description": "Those received in the last seven days, newest first, a page at a time.",
    "parameters": CURSOR,
    "responses": {200: shapes.EntriesOut, **refusals(400, more={400: BAD_PAGE})},
}
PUT_ANSWER: dict[str, Any] = {
    "operation_id": "put_diary_answer",
    "tags": ["diary"],
    "summary": "Send the answer to another question",
    "description": "Sleep, activity, relief, warning signs, a note. As safe to repeat as a pain score. "
    "Where a warning sign is named, `safety` says whom to call.",
    "parameters": [id_parameter("answer_id")],
    "request": schemas.AnswerBody,
    "responses": {201: shapes.AnswerOut, 200: shapes.AnswerOut, **writes(404)},
    "examples": example("How the night was", SLEEP),
}
GET_ANSWER: dict[str, Any] = {
    "operation_id": "get_diary_answer",
    "tags": ["diary"],
    "summary": "Read one answer back",
    "description": "As it is stored, of this trial only.",
    "parameters": [id_parameter("answer_id")],
    "responses": {200: shapes.AnswerOut, **refusals(404)},
}
POST_BATCH: dict[str, Any] = {
    "operation_id": "post_diary_batch",
    "tags": ["diary"],
    "summary": "Send a backlog of scores and answers",
    "description": "Good ones are stored, bad ones are named; sending the whole batch again is harmless. "
    "Results stand in the order sent, scores before answers.",
    "request": shapes.BatchBody,
    "responses": {
        207: shapes.BatchOut,
        **refusals(400, 408, 409, 413, 415, more={409: BATCH_CONFLICT, 400: wrong(BODY_CODES)}),
    },
    "examples": example(
        "An evening without network",
        {"entries": [{"id": EXAMPLE_ID, **SCORE}], "answers": [{"id": EXAMPLE_ID, **SLEEP}]},
    ),
}
PUT_CORRECTION: dict[str, Any] = {
    "operation_id": "put_correction",
    "tags": ["corrections"],
    "summary": "Ask staff to correct an answer",
    "description": "For answers whose window has closed. The request may arrive before the answer itself.",
    "parameters": [id_parameter("correction_id")],
    "request": schemas.CorrectionBody,
    "responses": {
        201: shapes.CorrectionOut,
        200: shapes.CorrectionOut,
        **writes(404, conflict=SAME_ID, codes=f"{MOMENT_CODES}, `off_scale`"),
    },
    "examples": example(
        "A slip of the finger",
        {
            "entry": EXAMPLE_ID,
            "reason": "wrong_number",
            "text": "I meant 3, not 8.",
            "proposed_value": 3,
            **CAPTURE,
        },
    ),
}
GET_CORRECTION: dict[str, Any] = {
    "operation_id": "get_correction",
    "tags": ["corrections"],
    "summary": "Read one request back",
    "description": "With its state and the clinic's note.",
    "parameters": [id_parameter("correction_id")],
    "responses": {200: shapes.CorrectionOut, **refusals(404)},
}
LIST_CORRECTIONS: dict[str, Any] = {
    "operation_id": "list_corrections",
    "tags": ["corrections"],
    "summary": "Read the requests of this trial",
    "description": "Newest first, a page at a time.",
    "parameters": CURSOR,
    "responses": {200: shapes.CorrectionsOut, **refusals(400, more={400: BAD_PAGE})},
}
PUT_CONSENT: dict[str, Any] = {
    "operation_id": "put_consent",
    "tags": ["phone"],
    "summary": "Record that the patient agrees, or stops",
    "description": "With the version and language of the text that was shown. What was answered before a "
    "withdrawal stays in the record; nothing answered after it is taken.",
    "parameters": [id_parameter("consent_id")],
    "request": schemas.ConsentBody,
    "responses": {
        201: shapes.ConsentOut,
        200: shapes.ConsentOut,
        **writes(404, conflict=SAME_ID, codes=f"{MOMENT_CODES}, `unknown_version`"),
    },
    "examples": example(
        "Agreed", {"decision": "given", "version": "diary-consent/1", "language": "en", **CAPTURE}
    ),
}
GET_CONSENT: dict[str, Any] = {
    "operation_id": "get_consent",
    "tags": ["phone"],
    "summary": "Read one decision back",
    "description": "As it is stored, of this trial only.",
    "parameters": [id_parameter("consent_id")],
    "responses": {200: shapes.ConsentOut, **refusals(404)},
}
GET_DEVICE: dict[str, Any] = {
    "operation_id": "get_device",
    "tags": ["phone"],
    "summary": "Read this phone's settings",
    "description": "The ETag is what PUT wants in If-Match.",
    "responses": {200: shapes.DeviceOut, **refusals()},
}
PUT_DEVICE: dict[str, Any] = {
    "operation_id": "put_device",
    "tags": ["phone"],
    "summary": "Replace this phone's settings",
    "description": "A new zone is the patient's zone from now on; earlier ones stay on record.",
    "parameters": [header("If-Match", "ETag of GET /device; without it the answer is 428.")],
    "request": schemas.DeviceBody,
    "responses": {
        200: shapes.DeviceOut,
        **refusals(400, 408, 412, 413, 415, 428, more={400: wrong(DEVICE_CODES)}),
    },
    "examples": example(
        "Reminders by push",
        {
            "label": "My phone",
            "language": "en",
            "zone": "Europe/Berlin",
            "reminders": {"push": True, "email": False, "sms": False},
        },
    ),
}
DELETE_DEVICE: dict[str, Any] = {
    "operation_id": "delete_device",
    "tags": ["phone"],
    "summary": "Leave: give this phone's token up",
    "description": "What the phone has sent stays. The next call with this token is 401.",
    "responses": {204: OpenApiResponse(description="The token is worth nothing now."), **refusals()},
}
POST_PAIRING: dict[str, Any] = {
    "operation_id": "pair_device",
    "tags": ["phone"],
    "summary": "Exchange an invitation for this phone's token",
    "description": "A typed code or the secret of the QR's link, used once. The same code with the same "
    "`attempt` answers 200 with a fresh token, should the first answer have been lost.",
    "request": schemas.PairingBody,
    "responses": {
        201: shapes.PairedOut,
        200: shapes.PairedOut,
        **{
            key: value
            for key, value in refusals(
                400,
                408,
                413,
                415,
                more={
                    400: wrong(f"{ZONE_CODES}, `code_refused` (wrong, used, locked or expired, all alike)")
                },
            ).items()
            if key[0] != 401
        },
    },
    "examples": example("A typed code", {"code": "K7QM-2WXD", "label": "My phone", "attempt": EXAMPLE_ID}),
    "auth": [],
}
