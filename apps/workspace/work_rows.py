"""The rows of each list of work: which columns it has, and what a trial says under each.

A table and no template: ten lists of fifteen rows are some thousand small choices, of which a template makes
each anew while it prints, and that was half of the page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from apps.outcomes.models.decisions import CHOICES
from apps.patients.models import PatientIdentity
from apps.trials.models import StimulationTrial
from apps.workspace.placing import Fact
from apps.workspace.verdicts import Reading
from apps.workspace.work import Listed

DAY: Final = "j M Y"
NOTHING: Final = "–"
#: A target in words is cut where it would push the columns off a desk's screen.
LONGEST_TARGET: Final = 48


@dataclass(frozen=True, slots=True)
class Row:
    """One trial of a list; ``may_name`` where the list tells who the patient is, and this person sees it."""

    listed: Listed
    reading: Reading | None
    may_name: bool = False

    @property
    def trial(self) -> StimulationTrial:
        return self.listed.trial

    @property
    def fact(self) -> Fact:
        return self.listed.fact

    @property
    def contact(self) -> PatientIdentity | None:
        return getattr(self.trial.patient, "identity", None) if self.may_name else None

    @property
    def silent_days(self) -> int:
        """Days since the last entry, or since the diary began when there is none."""
        return (self.fact.today - self.fact.last_or_first_day).days

    @property
    def trial_day(self) -> int | None:
        """The day of the leads is day 1; None before it."""
        placed = self.trial.lead_placed_on
        return None if placed is None or placed > self.fact.today else (self.fact.today - placed).days + 1


PLAIN: Final = '<td role="cell">{text}</td>'
#: Says its heading again where a narrow screen stacks the cells.
LABELLED: Final = '<td role="cell"><span class="stack-label">{heading}</span> {text}</td>'
SHORT: Final = '<td role="cell" class="nowrap"><span class="stack-label">{heading}</span> {text}</td>'


@dataclass(frozen=True, slots=True)
class Column:
    """``text`` is escaped in its cell unless it is markup."""

    heading: str
    text: Callable[[Row], str]
    cell: str = PLAIN

    def cell_of(self, row: Row, *, heading: str) -> SafeString:
        """``heading`` in the language of the page."""
        return format_html(self.cell, heading=heading, text=self.text(row))


def day_words(day: date | None) -> str:
    return NOTHING if day is None else date_format(day, DAY)


def last_entry(row: Row) -> str:
    if row.fact.last_day is None:
        return f"{gettext('none since')} {date_format(row.trial.diary_from, 'j M')}"
    return date_format(row.fact.last_day, "D j M")


def silent_for(row: Row) -> str:
    return ngettext("%(n)s day", "%(n)s days", row.silent_days) % {"n": row.silent_days}


def reduction(row: Row) -> SafeString:
    if row.reading is None:
        return format_html('<span class="quiet">{}</span>', gettext("not assessed yet"))
    if row.fact.is_fresh:
        return row.reading.figure
    since, at = gettext("verdict not current since"), date_format(row.reading.row.assessed_at, "j M H:i")
    return format_html('{} <span class="stale">{} {} UTC</span>', row.reading.figure, since, at)


def verdict(row: Row) -> str:
    if row.reading is None:
        return NOTHING
    words = gettext(row.reading.answer_words)
    return format_html('<span class="answer answer-{}">{}</span>', row.reading.answer, words)


def days_reported(row: Row) -> str:
    if row.reading is None:
        return NOTHING
    return gettext("%(n)s of %(all)s") % {"n": row.reading.trial.days, "all": row.reading.trial.asked}


def decided(row: Row) -> str:
    return gettext(CHOICES[row.fact.choice]) if row.fact.choice else NOTHING


def phase(row: Row) -> str:
    return gettext(row.trial.get_phase_display())


def phase_and_day(row: Row) -> str:
    if row.trial_day is None:
        return phase(row)
    day = gettext("day %(n)s with the leads") % {"n": row.trial_day}
    return format_html('{} <span class="quiet">{}</span>', phase(row), day)


ENDED: Final = Column("Ended", lambda row: day_words(row.trial.ended_on), SHORT)
PLANNED_END: Final = Column("Planned end", lambda row: day_words(row.trial.planned_end_on), SHORT)
SO_FAR: Final = Column("Reduction so far", reduction)
AT_THE_END: Final = (
    Column("Reduction", reduction),
    Column("Days reported", days_reported, LABELLED),
    ENDED,
)
ON_TRIAL: Final = (Column("Phase", phase_and_day), SO_FAR, PLANNED_END)
#: Of each list what stands beside the patient.
COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "ready": (Column("Verdict", verdict), *AT_THE_END),
    "silent": (Column("Last entry", last_entry, SHORT), Column("Silent for", silent_for, SHORT)),
    "unpaired": ON_TRIAL,
    "ending": (Column("Evidence", lambda row: str(row.listed.evenings)), SO_FAR, PLANNED_END),
    "hand_over": (Column("Why it ended", lambda row: gettext(row.trial.get_end_reason_display())), ENDED),
    "differs": (Column("Verdict now", verdict), *AT_THE_END),
    "deferred": (Column("Decided", decided), ENDED),
    "due": (
        Column("Visit due since", lambda row: day_words(row.fact.visit_due_on), SHORT),
        Column("Implanted", lambda row: day_words(row.fact.implanted_on), SHORT),
    ),
    "before": (
        Column("Phase", phase),
        Column("Diary from", lambda row: day_words(row.trial.diary_from), SHORT),
    ),
    "running": ON_TRIAL,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is printed."""

    url: str
    patient: str
    about: str
    contact: str
    cells: SafeString


def headings_of(code: str) -> list[str]:
    return [gettext(column.heading) for column in COLUMNS[code]]


def lines_of(code: str, rows: Iterable[Row]) -> Iterator[Line]:
    columns = list(zip(COLUMNS[code], headings_of(code), strict=True))
    # The page of one is where the admin has it; to ask for each by name takes a tenth of the page.
    trials = reverse("admin:trials_stimulationtrial_changelist")
    for row in rows:
        yield Line(
            url=f"{trials}{row.trial.pk}/change/",
            patient=str(row.trial.patient),
            about=about(row.trial),
            contact=contact_words(row) if row.may_name else "",
            cells=SafeString("".join(column.cell_of(row, heading=heading) for column, heading in columns)),
        )


def about(trial: StimulationTrial) -> str:
    return f"{trial.modality} {'; '.join(map(_cut, map(gettext, trial.target_parts)))}"


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_TARGET else Truncator(words).chars(LONGEST_TARGET)


def contact_words(row: Row) -> str:
    """Who to ring; where that is not known, the way to where it is written down."""
    contact = row.contact
    if contact is not None and contact.is_erased:
        return gettext("Identity erased on %(day)s") % {"day": day_words(contact.erased_at)}
    if contact is not None and contact.phone:
        called = contact.phone.replace(" ", "")
        return format_html('{} <a href="tel:{}">{}</a>', contact.full_name, called, contact.phone)
    lacking = gettext("no name or number yet" if contact is None else "no phone number yet")
    place = reverse("admin:patients_patient_change", args=[row.trial.patient_id])
    return format_html('{} <a href="{}">{}</a>', contact.full_name if contact else "", place, lacking)
