"""Whose rows a connection is shown: held by PostgreSQL's policies, said here (docs/adr/0014)."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final

from apps.row_security import EVERYTHING

#: Until somebody says otherwise.
NOTHING: Final = ""
_of_the_process = [NOTHING]
_asked: ContextVar[str] = ContextVar("scope")


def of_clinics(ids: Iterable[int]) -> str:
    """These clinics and no other; without any, nothing."""
    return "{" + ",".join(str(one) for one in sorted(ids)) + "}"


def serve_every_clinic() -> None:
    """For a process that answers no person: a worker, or a command of the operator."""
    _of_the_process[0] = EVERYTHING


def ask_for(scope: str) -> None:
    """For this request, until the next one says its own."""
    _asked.set(scope)


def asked_for() -> str:
    return _asked.get(_of_the_process[0])
