"""Refusals as values: what was wrong, where, and what to do about it (RFC 9457)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """``pointer`` is a JSON pointer into the sent body (RFC 6901); empty means the whole body."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Problem(Exception):
    """A refusal. Nothing was stored when this is raised."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.code, self.title = status, code, title
        self.errors, self.headers = errors, dict(headers or {})

    def as_json(self, *, request_id: str | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "errors": [error.as_json() for error in self.errors],
        }
        return body if request_id is None else body | {"request_id": request_id}


def invalid(*errors: FieldError) -> Problem:
    return Problem(400, "invalid", "The entry was not taken: see errors.", errors=errors)
