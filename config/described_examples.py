"""An example of every answer, in the description: of each shape once, of each refusal from its first code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apps.cohorts.api import examples as cohort_examples
from apps.diary import examples

ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {**examples.EXAMPLES, **cohort_examples.EXAMPLES}
BAD_REQUEST: Final = 400
REQUEST_ID: Final = "3f0c9d6a7b1e4c52"
CODE: Final = re.compile(r"`([a-z][a-z0-9_]+)`")
INVALID: Final = "Nothing was taken: see errors."
#: What a 400 shows: the first of these that its operation may answer.
FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "off_scale": ("/value", "Send a whole number from 0 to 10."),
    "code_refused": ("/code", "This code is wrong, used or expired; ask for a new one."),
    "not_uuid4": ("/id", "Send a lower-case UUIDv4 made by the phone."),
    "bad_cursor": ("/cursor", "Follow the address in `next`; a cursor is not made by hand."),
    "bad_question": ("/question", "modality: write SCS or DRG."),
    "no_such_file": (
        "/format",
        "There is no such table or format; see `tables` and `formats` of the snapshot.",
    ),
    "unknown_zone": ("/zone", "Send an IANA name such as Europe/Berlin."),
    "required": ("/table", "This field is required."),
}
TITLES: Final[Mapping[str, str]] = {
    "not_authenticated": "Authentication credentials were not provided.",
    "permission_denied": "You do not have permission to perform this action.",
    "scope_missing": "This key was not made for that: it lacks the scope reports.read.",
    "not_found": "Nothing here under this address.",
    "body_incomplete": "The body did not arrive whole. Send it again.",
    "entry_conflict": "This id already carries something else. Use a new id.",
    "no_snapshot": "Fewer than five patients answer this question.",
    "no_export": "You have 3 files in the making. Wait for one, or cancel one.",
    "no_report": "You have 3 reports in the making. Wait for one, or cancel one.",
    "no_schedule": "You have 10 schedules already. Stop one first.",
    "not_there": "There is no file yet, or none any more; `state` and `error` say why.",
    "cannot_write": "No file was made: the format cannot hold a value of the table.",
    "too_few_to_share": "Fewer than five patients answer this question.",
    "link_expired": "This address has ended, or its key was revoked.",
    "changed_meanwhile": "The settings were changed since; read them again.",
    "body_too_large": "Send at most 524288 bytes in one request.",
    "unsupported_media_type": 'Unsupported media type "text/plain" in request.',
    "if_match_required": "Send If-Match with the ETag of GET /device.",
    "too_many_requests": "Request was throttled. Expected available in 20 seconds.",
    "unavailable": "The record is not reachable just now. Keep the entry and send it again.",
}


def show_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular."""
    for status, answer in _answers(result):
        for media in answer.get("content", {}).values():
            shape = media["schema"].get("$ref", "").rpartition("/")[2]
            value = (
                problem(int(status), answer["description"]) if shape == "ProblemOut" else ANSWERS.get(shape)
            )
            if value is not None:
                media["examples"] = {"Example": {"value": value}}
    return result


def _answers(result: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in result["paths"].values():
        for operation in path.values():
            yield from operation["responses"].items()


def problem(status: int, description: str) -> dict[str, Any]:
    """A refusal with this status, as ``description`` names it."""
    codes = CODE.findall(description)
    field = next((code for code in FIELDS if code in codes), "") if status == BAD_REQUEST else ""
    code = "invalid" if field else next(one for one in codes if one in TITLES)
    return {
        "type": "about:blank",
        "title": INVALID if field else TITLES[code],
        "status": status,
        "code": code,
        "errors": [{"pointer": FIELDS[field][0], "code": field, "detail": FIELDS[field][1]}] if field else [],
        "request_id": REQUEST_ID,
    }
