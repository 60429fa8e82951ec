"""What the OpenAPI page says of files made in the background."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apps.cohorts.api import schemas, shapes
from apps.cohorts.api.documentation import NO_SNAPSHOT, SNAPSHOT_ID, TOO_MUCH, refusals
from apps.diary.documentation import BAD_PAGE, BODY_CODES, CURSOR, example, wrong

NO_EXPORT: Final = "`not_found`: no file under this id that was asked for by the person of this key."
EXPORT_ID: Final = OpenApiParameter("export_id", str, OpenApiParameter.PATH, description="From `id`.")
PLACE: Final = OpenApiParameter(
    "Location", str, OpenApiParameter.HEADER, response=[202], description="Where to ask how far it is."
)
LIST_EXPORTS: dict[str, Any] = {
    "operation_id": "list_exports",
    "tags": ["cohorts"],
    "summary": "Files in the making and made",
    "description": "Those that the person of this key has asked for, on the staff site too, newest first.",
    "parameters": CURSOR,
    "responses": {200: shapes.ExportsOut, **refusals(more={400: BAD_PAGE})},
}
POST_EXPORT: dict[str, Any] = {
    "operation_id": "post_export",
    "tags": ["cohorts"],
    "summary": "Have a file of a snapshot made in the background",
    "description": "For files that take longer than a request may. Asked again while it is made, or kept, "
    "the answer is the same file, in the latter case with 200. Ask under `Location` how far it is.",
    "parameters": [SNAPSHOT_ID, PLACE],
    "request": schemas.ExportBody,
    "responses": {
        202: shapes.ExportOut,
        200: shapes.ExportOut,
        **refusals(
            more={
                400: wrong(f"{BODY_CODES}, `no_such_file`"),
                404: NO_SNAPSHOT,
                409: "`no_export`: too many files of this person are being made.",
                **TOO_MUCH,
            }
        ),
    },
    "examples": example("Daily values as CSV", {"table": "daily", "format": "csv", "mail": True}),
}
GET_EXPORT: dict[str, Any] = {
    "operation_id": "get_export",
    "tags": ["cohorts"],
    "summary": "How far a file is",
    "description": "`url` is there when the file is. Ask every few seconds, not more often.",
    "parameters": [EXPORT_ID],
    "responses": {200: shapes.ExportOut, **refusals(more={404: NO_EXPORT})},
}
CANCEL_EXPORT: dict[str, Any] = {
    "operation_id": "cancel_export",
    "tags": ["cohorts"],
    "summary": "Have a file made no further",
    "description": "What was made of it goes. A file that is made already stays, and is answered as it is.",
    "parameters": [EXPORT_ID],
    "request": None,
    "responses": {200: shapes.ExportOut, **refusals(more={404: NO_EXPORT})},
}
GET_EXPORT_FILE: dict[str, Any] = {
    "operation_id": "get_export_file",
    "tags": ["cohorts"],
    "summary": "The file that was made",
    "description": "The same bytes as those of the direct file. Each download is in the audit trail.",
    "parameters": [EXPORT_ID],
    "responses": {
        (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="The file."),
        **refusals(
            more={404: NO_EXPORT, 409: "`not_there`: not made yet, not made at all, or no longer kept."}
        ),
    },
}
