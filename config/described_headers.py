"""The headers of answers, in the description: clients are told of them, and fuzzing holds us to them."""

from collections.abc import Iterator, Mapping
from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 1}
HEADERS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "RequestId": ("X-Request-Id", "Names this answer in our logs; also `request_id` of a refusal.", TEXT),
    "ApiVersion": ("API-Version", "Major and minor version of this description.", TEXT),
    "RateLimit": (
        "RateLimit",
        'What is left to this phone or key: `"device";r=<requests>;t=<seconds>`.',
        TEXT,
    ),
    "RateLimitPolicy": ("RateLimit-Policy", 'How much that is: `"device";q=<requests>;w=<seconds>`.', TEXT),
    "RetryAfter": ("Retry-After", "Seconds after which to send it again.", NUMBER),
    "ETag": ("ETag", "Of this representation.", TEXT),
    "Link": ("Link", 'The next page: `<address>; rel="next"`. Not on the last page.', TEXT),
}
EVERYWHERE = ("RequestId", "ApiVersion")
#: The others are not always there: no limit is kept while Redis is away, and a last page has no next.
ALWAYS = frozenset({"RequestId", "ApiVersion", "RetryAfter", "ETag"})
BY_STATUS: Mapping[str, tuple[str, ...]] = {"429": ("RetryAfter",), "503": ("RetryAfter",)}
BY_OPERATION: Mapping[str, tuple[str, ...]] = {
    "get_today": ("ETag",),
    "put_diary_entry": ("ETag",),
    "get_diary_entry": ("ETag",),
    "put_diary_answer": ("ETag",),
    "get_diary_answer": ("ETag",),
    "get_device": ("ETag",),
    "put_device": ("ETag",),
    "list_diary_entries": ("Link",),
    "list_corrections": ("Link",),
    "list_snapshots": ("Link",),
}
FIRST_REFUSAL = "400"


def describe_headers(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular."""
    result["components"]["headers"] = {
        key: {"description": words, "required": key in ALWAYS, "schema": dict(schema)}
        for key, (_, words, schema) in HEADERS.items()
    }
    for path in result["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                answer["headers"] = {
                    HEADERS[key][0]: {"$ref": f"#/components/headers/{key}"}
                    for key in _headers_of(operation["operationId"], status)
                }
    return result


def _headers_of(operation_id: str, status: str) -> Iterator[str]:
    yield from EVERYWHERE
    yield from BY_STATUS.get(status, ())
    yield from ("RateLimit", "RateLimitPolicy")
    if status < FIRST_REFUSAL:
        yield from BY_OPERATION.get(operation_id, ())
