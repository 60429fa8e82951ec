"""What the trial window of a trial still lacks."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from sctrial.windows import WindowKind, parse_window


class Planned(Protocol):
    """A trial, or the facts of one."""

    @property
    def lead_placed_on(self) -> date | None: ...
    @property
    def planned_end_on(self) -> date | None: ...
    @property
    def trial_window(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Evenings:
    """The days that the trial window will hold when the trial ends as planned."""

    answered: int
    missed: int
    left: int
    by: date

    @property
    def are_in(self) -> bool:
        return not (self.left or self.missed)

    def __str__(self) -> str:
        """As staff say it to the patient."""
        facts = {"n": self.left, "day": date_format(self.by, "l j F")}
        more = ngettext(
            "%(n)d more evening needed by %(day)s", "%(n)d more evenings needed by %(day)s", self.left
        )
        asked = more % facts if self.left else ""
        lost = (
            ngettext("%(n)d evening missed", "%(n)d evenings missed", self.missed) % {"n": self.missed}
            if self.missed
            else ""
        )
        return "; ".join(filter(None, [asked, lost])) or gettext("every evening answered")


def evenings_of(trial: Planned, *, answered: set[date], today: date) -> Evenings | None:
    """What the trial window still lacks; None for a trial without a planned end or leads."""
    if trial.planned_end_on is None or trial.lead_placed_on is None:
        return None
    days = window_days(trial.trial_window, first=trial.lead_placed_on, last=trial.planned_end_on)
    open_days = days - answered
    return Evenings(
        answered=len(days & answered),
        missed=sum(day < today for day in open_days),
        left=sum(day >= today for day in open_days),
        by=trial.planned_end_on,
    )


def window_days(text: str, *, first: date, last: date) -> set[date]:
    window = parse_window(text)
    if window.kind is WindowKind.LAST_N_DAYS:
        begins = max(first, last - timedelta(days=(window.n or 0) - 1))
    else:
        begins = first + timedelta(days=window.n or 0)
    return {begins + timedelta(days=n) for n in range((last - begins).days + 1)}
