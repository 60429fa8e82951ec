"""Refusals as values: what was wrong, where, and what to do about it (RFC 9457)."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

security = logging.getLogger("security")


@dataclass(frozen=True)
class FieldError:
    """``pointer`` is a JSON pointer into the sent body (RFC 6901); empty means the whole body."""

    pointer: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class Problem(Exception):
    """A refusal. Nothing was stored when this is raised. ``remark`` goes to the security log, not out."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        remark: str = "",
    ) -> None:
        super().__init__(title)
        self.status, self.code, self.title = status, code, title
        self.errors, self.headers, self.remark = errors, dict(headers or {}), remark

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
    return Problem(400, "invalid", "Nothing was taken: see errors.", errors=errors)


def log_refusal(problem: Problem, *, operation: str, by: str) -> None:
    """One line in the security log for a refused write: by whom, what and why, never what was written.

    Pointers stay out of it: a key that a phone made up may be anybody's words.
    """
    why = ", ".join(dict.fromkeys([problem.code, *(error.code for error in problem.errors)]))
    remark = f" ({problem.remark})" if problem.remark else ""
    security.warning("refused %s by %s: %s %s%s", operation, by, problem.status, why, remark)
