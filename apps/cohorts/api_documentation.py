"""What the OpenAPI page says of the operations for analysts: words and error codes, no behaviour."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse

from apps.cohorts import api_shapes as shapes
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
