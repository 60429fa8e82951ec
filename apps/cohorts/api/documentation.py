"""What the OpenAPI page says of the operations for analysts: words and error codes, no behaviour."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from apps.cohorts.api import schemas, shapes
from apps.diary.documentation import BAD_PAGE, BODY_CODES, CURSOR, CUT_OFF, example, wrong
from apps.diary.shapes import ProblemOut

CODES: Final[Mapping[int, str]] = {
    401: "`not_authenticated`, `token_refused`: the key is unknown, revoked or expired.",
    403: "`scope_missing`: the key was not made for this.",
    429: "`too_many_requests`: come again after `Retry-After` seconds.",
    503: "`unavailable`: come again after `Retry-After`.",
}
ANY: Final = (401, 403, 429, 503)


def refusals(*, more: Mapping[int, str] | None = None) -> dict[Any, Any]:
    words = {status: CODES[status] for status in ANY} | dict(more or {})
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemOut, description=words[status])
        for status in sorted(words)
    }


GET_KEY: dict[str, Any] = {
    "operation_id": "get_key",
    "tags": ["cohorts"],
    "summary": "What this key is and may",
    "description": "Its scopes, its last day, and the clinics of the person whose key it is.",
    "responses": {200: shapes.KeyOut, **refusals(more={403: "`permission_denied`: not a key."})},
}

NO_SNAPSHOT: Final = "`not_found`: no snapshot under this id that this key may read."
NO_FILE: Final = "`not_found`: no such snapshot, table or format that this key may read."
MEDIA: Final = (
    "text/csv; charset=utf-8",
    "application/vnd.apache.parquet",
    "application/octet-stream",
)
FILE: Final[dict[Any, Any]] = {
    (200, media): OpenApiResponse(OpenApiTypes.BINARY, description="The file.") for media in MEDIA
}
CANNOT: Final = "`cannot_write`: the format cannot hold a value of the table; choose another."
TOO_MUCH: Final = {
    408: CUT_OFF,
    413: "`body_too_large`.",
    415: "`unsupported_media_type`: send application/json.",
}


def _in_path(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.PATH, description=words)


SNAPSHOT_ID: Final = _in_path("snapshot_id", "The snapshot's id.")
LIST_SNAPSHOTS: dict[str, Any] = {
    "operation_id": "list_snapshots",
    "tags": ["cohorts"],
    "summary": "Snapshots that this key may read",
    "description": "De-identified ones of the clinics in which its person may read cohorts, newest first.",
    "parameters": CURSOR,
    "responses": {200: shapes.SnapshotsOut, **refusals(more={400: BAD_PAGE})},
}
POST_SNAPSHOT: dict[str, Any] = {
    "operation_id": "post_snapshot",
    "tags": ["cohorts"],
    "summary": "Make a snapshot of a cohort question",
    "description": "The same question on the same data is the same snapshot, then answered with 200.",
    "request": schemas.SnapshotBody,
    "responses": {
        201: shapes.SnapshotDetailOut,
        200: shapes.SnapshotDetailOut,
        **refusals(
            more={
                400: wrong(f"{BODY_CODES}, `bad_question`"),
                409: "`no_snapshot`: fewer than five patients, or too like another one; `title` says which.",
                **TOO_MUCH,
            }
        ),
    },
    "examples": example("Dorsal root ganglion trials", {"question": "modality=DRG", "form": "study_days"}),
}
GET_SNAPSHOT: dict[str, Any] = {
    "operation_id": "get_snapshot",
    "tags": ["cohorts"],
    "summary": "Tables and files of a snapshot",
    "description": "Rows and digest of each table, rule sets and engine that judged, formats to fetch.",
    "parameters": [SNAPSHOT_ID],
    "responses": {200: shapes.SnapshotDetailOut, **refusals(more={404: NO_SNAPSHOT})},
}
GET_FILE: dict[str, Any] = {
    "operation_id": "get_snapshot_file",
    "tags": ["cohorts"],
    "summary": "One table of a snapshot as a file",
    "description": "The bytes of CSV and Parquet never change. Each download is in the audit trail.",
    "parameters": [
        SNAPSHOT_ID,
        _in_path("table", "A table of the snapshot, such as daily; a CDISC-style one; or all."),
        _in_path(
            "ending", f"csv, bom.csv, parquet, xpt, sav or dta. Of all: {', '.join(get_args(schemas.OfAll))}."
        ),
    ],
    "responses": {**FILE, **refusals(more={404: NO_FILE, 409: CANNOT})},
}
POST_LINK: dict[str, Any] = {
    "operation_id": "post_snapshot_link",
    "tags": ["cohorts"],
    "summary": "A short-lived address of one file",
    "description": "For `pd.read_parquet(url)` and R's `read.csv(url)`, which send no header. It opens this "
    "one file, ends by itself, and dies with its key.",
    "parameters": [SNAPSHOT_ID],
    "request": schemas.LinkBody,
    "responses": {
        201: shapes.LinkOut,
        **refusals(more={400: wrong(f"{BODY_CODES}, `no_such_file`"), 404: NO_SNAPSHOT, **TOO_MUCH}),
    },
    "examples": example("An hour of daily values", {"table": "daily", "format": "parquet", "minutes": 60}),
}
GET_LINK: dict[str, Any] = {
    "operation_id": "get_linked_file",
    "tags": ["cohorts"],
    "summary": "The file behind a short-lived address",
    "description": "Needs no header: the address itself is the credential.",
    "parameters": [_in_path("sealed", "From `url`; not made by hand.")],
    "responses": {
        **FILE,
        **{
            key: value
            for key, value in refusals(
                more={
                    404: "`not_found`: not an address of ours, or its person may not read it any more.",
                    409: CANNOT,
                    410: "`link_expired`: it has ended, or its key was revoked.",
                }
            ).items()
            if key[0] not in (401, 403)
        },
    },
    "auth": [],
}
