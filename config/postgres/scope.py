"""Whose rows a connection is shown: held by PostgreSQL's policies, said here (docs/adr/0014)."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from apps.row_security import ACTOR, EVERYTHING, ONLY_READS, PEOPLE, SETTING

#: Until somebody says otherwise.
NOTHING: Final = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose rows may be shown, and who will have changed them: ``system`` where nobody is named.

    A phone is named later, by the statement that looks its token up. Where it ``only_reads``, PostgreSQL
    refuses to write any held table. Memberships are written in the clinics of ``people`` alone.
    """

    scope: str = NOTHING
    actor: str = ""
    only_reads: bool = False
    people: str = NOTHING

    def settings(self) -> dict[str, str]:
        reads = "on" if self.only_reads else "off"
        return {SETTING: self.scope, ACTOR: self.actor, ONLY_READS: reads, PEOPLE: self.people}


_of_the_process = [Asking()]
_asked: ContextVar[Asking] = ContextVar("asking")


def of_clinics(ids: Iterable[int]) -> str:
    """These clinics and no other; without any, nothing."""
    return "{" + ",".join(str(one) for one in sorted(ids)) + "}"


def serve_every_clinic(*, actor: str = "") -> None:
    """For a process that answers no person: a worker, or a command of the operator."""
    _of_the_process[0] = Asking(EVERYTHING, actor, people=EVERYTHING)


def ask_for(scope: str, *, actor: str = "", only_reads: bool = False, people: str = NOTHING) -> None:
    """For this request, until the next one says its own."""
    _asked.set(Asking(scope, actor, only_reads, people))


def ask_as_the_process() -> None:
    """As before anybody asked: for what comes after a job."""
    _asked.set(_of_the_process[0])


def asked_for() -> Asking:
    return _asked.get(_of_the_process[0])
