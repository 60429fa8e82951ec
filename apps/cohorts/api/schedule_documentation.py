"""What the OpenAPI page says of schedules."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter

from apps.cohorts.api import schemas, shapes
from apps.cohorts.api.documentation import TOO_MUCH, refusals
from apps.diary.documentation import BAD_PAGE, BODY_CODES, CURSOR, example, wrong

NO_SCHEDULE: Final = "`not_found`: no schedule under this id that is of the person of this key."
NO_RIGHT: Final = "`scope_missing`, `permission_denied`: the key, or its person, may not use schedules."
SCHEDULE_ID: Final = OpenApiParameter("schedule_id", str, OpenApiParameter.PATH, description="From `id`.")
ONE: Final[dict[Any, Any]] = {
    200: shapes.ScheduleOut,
    **refusals(more={403: NO_RIGHT, 404: NO_SCHEDULE}),
}
LIST_SCHEDULES: Final[dict[str, Any]] = {
    "operation_id": "list_schedules",
    "tags": ["cohorts"],
    "summary": "Schedules of the person of this key",
    "description": "Those set up on the staff site too, newest first, each with what came of its last slot.",
    "parameters": CURSOR,
    "responses": {200: shapes.SchedulesOut, **refusals(more={400: BAD_PAGE, 403: NO_RIGHT})},
}
POST_SCHEDULE: Final[dict[str, Any]] = {
    "operation_id": "post_schedule",
    "tags": ["cohorts"],
    "summary": "Have a question asked again each week or month",
    "description": "The same schedule sent again is the one that stands, then answered with 200. Its person "
    "gets one mail a slot, with a link and nothing of the data.",
    "request": schemas.ScheduleBody,
    "responses": {
        201: shapes.ScheduleOut,
        200: shapes.ScheduleOut,
        **refusals(
            more={
                400: wrong(f"{BODY_CODES}, `bad_question`, `not_of_this`"),
                403: NO_RIGHT,
                409: "`no_schedule`: not of clinics of one's own, or too many of them; `title` says which.",
                **TOO_MUCH,
            }
        ),
    },
    "examples": example(
        "The report of the dorsal root ganglion trials, every Monday at six",
        {
            "makes": "report",
            "question": "modality=DRG",
            "audience": "shared",
            "every": "week",
            "day": 1,
            "hour": 6,
            "clinic": 1,
        },
    ),
}
GET_SCHEDULE: Final[dict[str, Any]] = {
    "operation_id": "get_schedule",
    "tags": ["cohorts"],
    "summary": "One schedule, and what came of its last slot",
    "description": "A report of it is under `/api/v1/cohorts/reports/`, a snapshot under "
    "`/api/v1/cohorts/snapshots/`, each with a key of their own scopes.",
    "parameters": [SCHEDULE_ID],
    "responses": ONE,
}
DELETE_SCHEDULE: Final[dict[str, Any]] = {
    "operation_id": "delete_schedule",
    "tags": ["cohorts"],
    "summary": "End a schedule",
    "description": "What it has made stays as long as it would have.",
    "parameters": [SCHEDULE_ID],
    "responses": {204: None, **refusals(more={403: NO_RIGHT, 404: NO_SCHEDULE})},
}
PAUSE_SCHEDULE: Final[dict[str, Any]] = {
    "operation_id": "pause_schedule",
    "tags": ["cohorts"],
    "summary": "Pause a schedule",
    "description": "Paused already, or stopped, it is answered as it is.",
    "parameters": [SCHEDULE_ID],
    "request": None,
    "responses": ONE,
}
RESUME_SCHEDULE: Final[dict[str, Any]] = {
    "operation_id": "resume_schedule",
    "tags": ["cohorts"],
    "summary": "Go on with a paused schedule",
    "description": "It waits for its next slot. One that stopped by itself stays so: set it up again once "
    "the right is there.",
    "parameters": [SCHEDULE_ID],
    "request": None,
    "responses": ONE,
}
