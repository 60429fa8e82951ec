"""The review of a clinic's trail: four lists of rows that somebody should look at again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from apps.accounts.models import Clinic
from apps.audit.history import Act
from apps.audit.reviewing import Burst, Limits, Period, Taking, many_reads, taken_at_night
from apps.diary.backdated import Backdated, backdated
from apps.outcomes.flips import Flip, flips
from apps.workspace import actors

REVIEW: Final = "audit.review"
DAYS: Final = 30
A_DAY: Final = timedelta(days=1)
NOT_KNOWN: Final = "not known"
TRIAL: Final = "admin:trials_stimulationtrial_change"
#: What was done with a file, as the trail names it.
TAKEN_WORDS: Final = {
    "download": "taken away",
    "export": "made and taken away",
    "export_asked": "asked for, in the background",
    "report_asked": "report asked for, in the background",
    "show": "shown to other tools",
    "snapshot": "snapshot made",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line: its cells, below the columns of its list, and the page of its record."""

    cells: tuple[str, ...]
    url: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One list. ``rule`` and ``empty`` name the limits by their settings."""

    code: str
    heading: str
    rule: str
    empty: str
    columns: tuple[str, ...]
    read: Callable[[Period, Limits], Sequence[Act]]
    #: A line from a row, from who did it in words, on the clinic's clock.
    show: Callable[[Any, str, ZoneInfo], Shown]


@dataclass(frozen=True, slots=True)
class Listed:
    kind: Kind
    rows: tuple[Shown, ...]
    rule: str
    empty: str

    @property
    def count(self) -> int:
        """Of those that are known to belong here."""
        return sum(row.is_known for row in self.rows)

    @property
    def unknown(self) -> int:
        return len(self.rows) - self.count


def limits() -> Limits:
    return Limits(
        night_from=settings.REVIEW_NIGHT_FROM,
        night_until=settings.REVIEW_NIGHT_UNTIL,
        reads=settings.REVIEW_READS,
        reads_within=timedelta(minutes=settings.REVIEW_READS_MINUTES),
        backdated=timedelta(days=settings.REVIEW_BACKDATED_DAYS),
    )


def days_of(clinic: Clinic, first: date, last: date) -> Period:
    """From the beginning of ``first`` to the end of ``last``, on the clinic's calendar."""
    zone = ZoneInfo(clinic.zone)
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + A_DAY))
    return Period(clinic.pk, zone, since, until)


def today_of(clinic: Clinic, *, at: datetime) -> date:
    return at.astimezone(ZoneInfo(clinic.zone)).date()


def url_of(clinic: int, first: date, last: date, **more: str) -> str:
    asked = {"clinic": str(clinic), "since": first.isoformat(), "until": last.isoformat()}
    return f"{reverse('admin:trail_review')}?{urlencode(asked | more)}"


def lists_of(period: Period, *, limits: Limits) -> list[Listed]:
    return [listed(kind, period, limits=limits) for kind in KINDS]


def listed(kind: Kind, period: Period, *, limits: Limits) -> Listed:
    found = kind.read(period, limits)
    named = (row.who for row in actors.told(found, clinic=period.clinic))
    rows = tuple(kind.show(row, who, period.zone) for row, who in zip(found, named, strict=True))
    names = {
        "night_from": f"{limits.night_from:02}:00",
        "night_until": f"{limits.night_until:02}:00",
        "reads": limits.reads,
        "minutes": limits.reads_within // timedelta(minutes=1),
        "hours": limits.backdated // timedelta(hours=1),
    }
    return Listed(kind, rows, gettext(kind.rule) % names, gettext(kind.empty) % names)


def count_of(period: Period, *, limits: Limits) -> dict[str, int]:
    """How many rows each list has, without a word made of them."""
    return {
        kind.code: sum(getattr(row, "is_known", True) for row in kind.read(period, limits)) for kind in KINDS
    }


# --- one line of each list ---


def _clock(moment: datetime | date, zone: ZoneInfo) -> str:
    """On the clinic's clock, the same in every language."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _backdated(row: Backdated, who: str, zone: ZoneInfo) -> Shown:
    patient = reverse("admin:patients_patient_change", args=[row.patient])
    url = patient if row.trial is None else reverse(TRIAL, args=[row.trial])
    return Shown((row.pseudonym, _clock(row.at, zone), _clock(row.about, zone), row.what, who), url)


def _flip(row: Flip, who: str, zone: ZoneInfo) -> Shown:
    before, after = (gettext(words or NOT_KNOWN) for words in (row.before, row.after))
    cells = (row.pseudonym, _clock(row.at, zone), before, after, row.what, who)
    return Shown(cells, reverse(TRIAL, args=[row.trial]), is_known=row.is_known)


def _taking(row: Taking, who: str, zone: ZoneInfo) -> Shown:
    of = f"{row.of.replace('_', ' ')} {row.about}".strip()
    url = reverse("admin:audit_auditevent_change", args=[row.event])
    return Shown((_clock(row.at, zone), gettext(TAKEN_WORDS[row.action]), of, who), url)


def _burst(row: Burst, who: str, zone: ZoneInfo) -> Shown:
    asked = {
        "action": "look",
        "actor": row.who,
        "at__gte": row.first_at.isoformat(),
        "at__lte": row.at.isoformat(),
    }
    url = f"{reverse('admin:audit_auditevent_changelist')}?{urlencode(asked)}"
    return Shown((who, _clock(row.first_at, zone), _clock(row.at, zone), str(row.most)), url)


KINDS: Final = (
    Kind(
        code="backdated",
        heading="Written down about an earlier time",
        rule="Answers that came more than %(hours)s hours after they were given, and every answer that staff "
        "wrote down for a patient or that a file brought; adverse events, programs, doses and questionnaires "
        "that were entered more than %(hours)s hours after the end of the day they tell of; treatments that "
        "were entered after leads had gone in.",
        empty="Nothing was written down late. An answer, an event or a treatment comes here when it tells of "
        "a time well before it was entered.",
        columns=("Record", "Written down", "Tells of", "What", "By"),
        read=lambda period, limits: backdated(period, after=limits.backdated),
        show=_backdated,
    ),
    Kind(
        code="flips",
        heading="Corrections that changed the verdict",
        rule="Corrections, strike-outs and restores, and moved days of leads and end, after which the rule "
        "set of the trial answers otherwise: the last stored verdict before, and the first one after. Where "
        "one of them was never made under the same version of rule and engine, it is not known.",
        empty="No correction changed a verdict. One comes here when the stored verdict after it is another "
        "than the one before.",
        columns=("Record", "Corrected", "Before", "After", "What", "By"),
        read=lambda period, _: flips(period),
        show=_flip,
    ),
    Kind(
        code="night",
        heading="Taken at night",
        rule="Exports, reports, snapshots and packets, made, asked for or taken away from %(night_from)s to "
        "before %(night_until)s on the clock of the clinic.",
        empty="No file was taken at night. One comes here when an export, a report, a snapshot or a packet "
        "is made or taken away from %(night_from)s to before %(night_until)s.",
        columns=("When", "Done", "Of", "By"),
        read=lambda period, limits: taken_at_night(period, limits=limits),
        show=_taking,
    ),
    Kind(
        code="reads",
        heading="Very many records read at once",
        rule="More than %(reads)s different records opened by one person within any %(minutes)s minutes, in "
        "this clinic. A list is no record, and a record that is opened twice counts once.",
        empty="Nobody read very much at once. A person comes here who opens more than %(reads)s different "
        "records within %(minutes)s minutes.",
        columns=("Who", "From", "To", "Most at once"),
        read=lambda period, limits: many_reads(period, limits=limits),
        show=_burst,
    ),
)
