"""What the API will give up, and when: said in every answer of it, a year ahead, and in its description."""

import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.utils.http import http_date

NOTICE = timedelta(days=365)
ROUTE_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Deprecated:
    """One operation: from which day on it is not for new clients, and the day on which it goes."""

    method: str
    path: str
    since: date
    sunset: date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.method} {self.path}: give clients {NOTICE.days} days to move")

    def headers(self) -> dict[str, str]:
        """RFC 9745 writes a day as a structured date, RFC 8594 as an HTTP date."""
        return {
            "Deprecation": f"@{_epoch(self.since)}",
            "Sunset": http_date(_epoch(self.sunset)),
            "Link": '</api/v1/openapi.yaml>; rel="deprecation"; type="application/yaml"',
        }

    def words(self) -> str:
        return f"Deprecated since {self.since}, gone from {self.sunset} on. {self.instead}"


# None yet. tests/config/test_deprecations.py shows what a row looks like.
DEPRECATED: tuple[Deprecated, ...] = ()


def _epoch(day: date) -> int:
    return timegm(day.timetuple())


@cache
def described_path(route: str) -> str:
    """Django's route as the description writes it: `api/v1/a/<str:b>` is `/api/v1/a/{b}`."""
    return "/" + ROUTE_PARAMETER.sub(r"{\1}", route)


def by_operation(rows: Iterable[Deprecated]) -> Mapping[tuple[str, str], Deprecated]:
    return {(row.method, row.path): row for row in rows}


def mark_deprecated(
    result: dict[str, Any],
    generator: Any,
    request: Any,
    public: bool,
    *,
    rows: Iterable[Deprecated] = DEPRECATED,
) -> dict[str, Any]:
    """A hook of drf-spectacular: the description says the same as the headers."""
    for row in rows:
        operation = result["paths"][row.path][row.method.lower()]
        operation["deprecated"] = True
        operation["description"] = f"{operation.get('description', '')} {row.words()}".strip()
    return result
