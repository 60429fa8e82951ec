"""The report of an import as a page tells it: what is new, what is there, and each row by its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.diary.importing.report import places
from apps.diary.importing.rows import KNOWN_BEFORE
from apps.diary.models import DiaryImport, ImportProposal
from apps.trials.models import StimulationTrial
from apps.workspace.permissions import Access
from apps.workspace.rights import Act

RESOURCE: Final = "diary.importproposal"
FILE: Final = "diary.importproposal.file"
#: More are in the file itself; a page of them helps nobody.
MOST_LINES: Final = 200
MOST_PLACES: Final = 12
#: What is wrong first: it is what has to be mended.
FATES: Final = ("wrong", "taken", "skipped")
NAMED: Final = {"wrong": ("column", "detail"), "taken": ("name", "region"), "skipped": ("name", "reason")}
LAST_IMPORTS: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """Rows with one fate: ``name`` as the file has it, and what becomes of them or what is wrong."""

    fate: str
    name: str
    becomes: str
    rows: int
    lines: str


@dataclass(frozen=True, slots=True)
class ReportTold:
    patient: str
    trial: StimulationTrial | None
    new: int
    known: int
    left_out: int
    wrong: int
    days: str
    lines: tuple[Line, ...]
    #: Lines of the report that are not shown.
    more: int


def report_told(report: Mapping[str, Any]) -> ReportTold:
    rows, lines = report["rows"], list(_lines(report))
    known = sum(one["rows"] for one in report["skipped"] if one["reason"] == KNOWN_BEFORE)
    first, last = report["first_day"], report["last_day"]
    return ReportTold(
        patient=report["patient"],
        trial=_trial(report["trial"]),
        new=rows["taken"],
        known=known,
        left_out=rows["skipped"] - known,
        wrong=rows["wrong"],
        days=f"{first} – {last}" if first else "",
        lines=tuple(lines[:MOST_LINES]),
        more=max(len(lines) - MOST_LINES, 0) + report["wrong_not_listed"],
    )


def _trial(pk: str) -> StimulationTrial | None:
    return StimulationTrial.objects.select_related("patient").filter(pk=pk).first() if pk else None


def _lines(report: Mapping[str, Any]) -> Iterator[Line]:
    for fate in FATES:
        name, becomes = NAMED[fate]
        for one in report[fate]:
            yield Line(fate, one[name], one[becomes], _count(one["lines"]), _places(one["lines"]))


def _places(ranges: Sequence[Sequence[int]]) -> str:
    return places(ranges, shown=MOST_PLACES)


def _count(ranges: Sequence[Sequence[int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def imports_listed(access: Access) -> dict[str, Any]:
    """What was imported last, also by the command, beside the list of proposals."""
    clinics = access.clinics(Act.VIEW, resource="diary.diaryimport")
    rows = DiaryImport.objects.filter(trial__clinic__in=clinics).order_by("-imported_at", "-id")
    return {
        "imports": rows.select_related("trial__patient", "proposal").defer(
            "mapping", "proposal__file", "proposal__mapping"
        )[:LAST_IMPORTS]
    }


def imports_to_decide(access: Access, user: User) -> QuerySet[ImportProposal] | None:
    """What waits for this person: proposals of others, in the clinics where they may commit."""
    clinics = access.clinics(Act.CHANGE, resource=RESOURCE)
    waiting = ImportProposal.objects.filter(Q(outcome=""), ~Q(proposed_by=user), clinic__in=clinics)
    return waiting if clinics else None
