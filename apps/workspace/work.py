"""All lists of work in two statements: which trials are in which list, and what stands in their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Value, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook
from apps.workspace import selectors
from apps.workspace.selectors import Known, Trials
from sctrial.windows import WindowKind, parse_window


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows of a list, and how long the whole list is."""

    trials: tuple[StimulationTrial, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Evenings:
    """The days that the trial window will hold when the trial ends as planned."""

    answered: int
    missed: int
    left: int
    by: date

    def __str__(self) -> str:
        """As staff say it to the patient."""
        facts = {"n": self.left, "day": date_format(self.by, "l j F")}
        more = ngettext(
            "%(n)d more evening needed by %(day)s", "%(n)d more evenings needed by %(day)s", self.left
        )
        asked = more % facts if self.left else ""
        lost = gettext("%(n)d missed") % {"n": self.missed} if self.missed else ""
        return "; ".join(filter(None, [asked, lost])) or gettext("every evening is in")


def find_work(trials: Trials, *, rulebook: Rulebook, at: datetime, most: int) -> dict[str, Found]:
    """Every list, each as its own query has it, cut to ``most`` rows."""
    known = Known(selectors.places_of(trials.filter(phase__in=selectors.RUNNING)), rulebook)
    parts = [
        _part(code, find(trials, at=at, known=known), most=most) for code, find in selectors.WORK.items()
    ]
    listed = sorted(parts[0].union(*parts[1:], all=True), key=lambda row: row[2])
    rows = selectors.with_days(trials.filter(pk__in={row[1] for row in listed}), at=at, known=known)
    by_id = {trial.pk: trial for trial in rows.select_related("patient", "clinic", "currency")}
    return {code: _found(code, listed, by_id) for code in selectors.WORK}


def _part(code: str, rows: Any, *, most: int) -> Any:
    return rows.annotate(
        work=Value(code, output_field=CharField()),
        place=Window(RowNumber(), order_by=list(rows.query.order_by)),
        total=Window(Count("pk")),
    ).values_list("work", "pk", "place", "total")[:most]


def _found(code: str, listed: Sequence[Any], by_id: Mapping[UUID, StimulationTrial]) -> Found:
    mine = [(pk, total) for work, pk, _, total in listed if work == code]
    # A row that another transaction moved between the two statements is in no list any more.
    trials = tuple(by_id[pk] for pk, _ in mine if pk in by_id)
    return Found(trials, mine[0][1] if mine else 0)


def evenings_of(trial: StimulationTrial, *, answered: set[date], today: date) -> Evenings | None:
    """What the trial window still lacks; None for a trial without a planned end or leads."""
    if trial.planned_end_on is None or trial.lead_placed_on is None:
        return None
    days = _last_window(trial.trial_window, first=trial.lead_placed_on, last=trial.planned_end_on)
    open_days = days - answered
    return Evenings(
        answered=len(days & answered),
        missed=sum(day < today for day in open_days),
        left=sum(day >= today for day in open_days),
        by=trial.planned_end_on,
    )


def _last_window(text: str, *, first: date, last: date) -> set[date]:
    window = parse_window(text)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if window.kind is WindowKind.LAST_N_DAYS:
        return set(days[-(window.n or 0) :])
    return set(days[window.n or 0 :])
