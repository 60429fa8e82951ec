"""Which trials stand in which list of work: read by one statement, placed by a table.

A list and its filter are the same rows, for both are placed here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, QuerySet, Subquery

from apps.diary.models import DiaryEntry, PatientDevice
from apps.outcomes.models import Assessment
from apps.outcomes.selectors import Bases
from apps.outcomes.standing import differing_decisions, standing_decisions
from apps.trials.models import FollowUp, PermanentImplant, StimulationTrial
from apps.workspace.evenings import Evenings, evenings_of, window_days
from apps.workspace.selectors import Trials, answered_days, diary_today
from sctrial import ENGINE_VERSION
from sctrial.aftercare import MONTHS, due_on
from sctrial.choices import Choice
from sctrial.phases import Phase

#: What is missing can still be asked for. A default of this project.
ENDING_SOON: Final = timedelta(days=3)
BEFORE: Final = frozenset({Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED})
#: The patient is asked every day from the first diary day until the leads are out.
RUNNING: Final = frozenset({Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE})
UNDECIDED: Final = BEFORE | RUNNING | {Phase.ENDED, Phase.DECISION_PENDING}
WITH_SYSTEM: Final = frozenset({Phase.IMPLANTED, Phase.FOLLOW_UP})
#: After these something is still to be done; without an implant nothing is.
UNFINISHED: Final = frozenset(set(Choice) - {Choice.NO_IMPLANT})
#: The day of a month's visit is never earlier than this after the implant.
SHORTEST_MONTH: Final = timedelta(days=28)


@dataclass(frozen=True)
class Fact:
    """What places one trial."""

    at: datetime
    bases: Bases
    pk: UUID
    clinic_id: int
    phase: str
    diary_from: date
    lead_placed_on: date | None
    planned_end_on: date | None
    ended_on: date | None
    trial_window: str
    evidence_version: int
    zone: str
    hour: int
    last_day: date | None
    has_phone: bool
    has_later: bool
    judged_version: int | None
    judged_basis: str | None
    choice: str | None
    signed_answer: str | None
    answer_now: str | None
    implanted_on: date | None
    seen: list[int]

    @cached_property
    def today(self) -> date:
        """As the patient's diary counts it."""
        return diary_today(zone=self.zone, starts_at_hour=self.hour, at=self.at)

    @property
    def last_or_first_day(self) -> date:
        return self.last_day or self.diary_from

    @property
    def is_fresh(self) -> bool:
        judged = (self.judged_version, self.judged_basis)
        return judged == (self.evidence_version, self.bases.of(self.clinic_id))

    @property
    def is_silent(self) -> bool:
        """Nothing reported today; a diary that begins today is not silent yet."""
        return self.phase in RUNNING and self.last_or_first_day < self.today

    @property
    def ends_soon(self) -> bool:
        end = self.planned_end_on
        return self.phase == Phase.TRIAL_ACTIVE and end is not None and end <= self.today + ENDING_SOON

    @property
    def differs(self) -> bool:
        return self.choice is not None and self.answer_now != self.signed_answer

    @property
    def is_unfinished(self) -> bool:
        """Decided, and what was decided is not done; a repeat is done when the next trial is there."""
        is_repeated = self.choice == Choice.REPEAT_TRIAL and self.has_later
        return self.phase == Phase.DECIDED and self.choice in UNFINISHED and not is_repeated

    @cached_property
    def visit_due_on(self) -> date | None:
        """The first visit after the implant whose day has come and that is not recorded."""
        if self.phase not in WITH_SYSTEM or self.implanted_on is None:
            return None
        days = (due_on(self.implanted_on, month=month) for month in MONTHS if month not in self.seen)
        return next((day for day in days if day <= self.today), None)


@dataclass(frozen=True, slots=True)
class Placed:
    """The ids of every list in its order, the facts behind them, and the evenings of those that end soon."""

    lists: Mapping[str, list[UUID]]
    facts: Mapping[UUID, Fact]
    evenings: Mapping[UUID, Evenings]


Key = Callable[[Fact], Any]


def _latest_end(fact: Fact) -> Any:
    return (fact.ended_on is None, -(fact.ended_on or date.min).toordinal(), fact.pk)


def _first_end(fact: Fact) -> Any:
    return (fact.ended_on or date.max, fact.pk)


def _planned_end(fact: Fact) -> Any:
    return (fact.planned_end_on or date.max, fact.diary_from, fact.pk)


#: Of each list but "ending": who stands in it, and in which order.
LISTS: Final[Mapping[str, tuple[Callable[[Fact], bool], Key]]] = {
    "ready": (lambda fact: fact.phase == Phase.DECISION_PENDING and fact.is_fresh, _latest_end),
    "differs": (lambda fact: fact.differs, _latest_end),
    "silent": (lambda fact: fact.is_silent, lambda fact: (fact.last_or_first_day, fact.pk)),
    "unpaired": (lambda fact: fact.phase in RUNNING and not fact.has_phone, _planned_end),
    "running": (lambda fact: fact.phase in RUNNING, _planned_end),
    "hand_over": (lambda fact: fact.phase == Phase.ENDED, _first_end),
    "deferred": (lambda fact: fact.is_unfinished, _first_end),
    "before": (lambda fact: fact.phase in BEFORE, lambda fact: (fact.diary_from, fact.pk)),
    "due": (lambda fact: fact.visit_due_on is not None, lambda fact: (fact.visit_due_on, fact.pk)),
    "waiting": (lambda fact: fact.phase == Phase.DECISION_PENDING and not fact.is_fresh, _latest_end),
}
ENDING: Final = "ending"


def place(trials: Trials, *, bases: Bases, at: datetime) -> Placed:
    facts = read_facts(trials, bases=bases, at=at)
    evenings = _evenings([fact for fact in facts if fact.ends_soon])
    lists = {
        code: [fact.pk for fact in sorted(filter(belongs, facts), key=order)]
        for code, (belongs, order) in LISTS.items()
    }
    wanting = [fact for fact in facts if fact.pk in evenings and not evenings[fact.pk].are_in]
    lists[ENDING] = [fact.pk for fact in sorted(wanting, key=_planned_end)]
    return Placed(lists, {fact.pk: fact for fact in facts}, evenings)


def _evenings(ending: list[Fact]) -> dict[UUID, Evenings]:
    if not ending:
        return {}
    windows = (
        window_days(fact.trial_window, first=fact.lead_placed_on, last=fact.planned_end_on)
        for fact in ending
        if fact.lead_placed_on and fact.planned_end_on
    )
    since = min((day for days in windows for day in days), default=ending[0].today)
    days = answered_days((fact.pk for fact in ending), since=since)
    found = (
        (fact, evenings_of(fact, answered=days.get(fact.pk, set()), today=fact.today)) for fact in ending
    )
    return {fact.pk: evenings for fact, evenings in found if evenings is not None}


def read_facts(trials: Trials, *, bases: Bases, at: datetime) -> list[Fact]:
    """Of every trial that may stand in a list; of the many that are over no row is read."""
    rows = trials.order_by()
    asked = repr(rows.values("pk").query.sql_with_params())
    with connections[trials.db].cursor() as cursor:
        cursor.execute(*statement_of(Question(asked, at.date(), rows)))
        return [Fact(at, bases, *row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Question:
    """Two are the same that ask about the same trials on the same day."""

    asked: str
    day: date
    trials: Trials = field(compare=False)


#: A statement is some 6 kB; who asks about other clinics or on another day asks another one.
@lru_cache(maxsize=100)
def statement_of(question: Question) -> tuple[str, tuple[Any, ...]]:
    """Kept, for to put it together takes as long as to print a third of the page."""
    listed = _Among(F("pk"), ArraySubquery(_may_be_listed(question.trials, day=question.day)))
    return question.trials.filter(listed).values_list(*COLUMNS, *_asked()).query.sql_with_params()


class _Among(Func):
    """Whether a value is in an array. Of an array PostgreSQL expects few, and looks each of them up."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def _may_be_listed(trials: Trials, *, day: date) -> QuerySet[Any]:
    """Ids. Each part is found by itself once: in one condition they would be asked of every row."""
    unfinished = standing_decisions().filter(
        choice__in=[one.value for one in UNFINISHED], trial__in=trials.filter(phase=Phase.DECIDED)
    )
    seen_often = (
        FollowUp.objects.order_by().values("implant").annotate(seen=Count("pk")).filter(seen__gte=len(MONTHS))
    )
    seen_less = PermanentImplant.objects.filter(
        implanted_on__lte=day - SHORTEST_MONTH, trial__in=trials.filter(phase__in=WITH_SYSTEM)
    ).exclude(pk__in=seen_often.values("implant"))
    return (
        trials.order_by()
        .filter(phase__in=UNDECIDED)
        .values("pk")
        .union(
            unfinished.order_by().values("trial"),
            seen_less.order_by().values("trial"),
            differing_decisions().filter(trial__in=trials).order_by().values("trial"),
        )
    )


COLUMNS: Final = (
    "pk",
    "clinic_id",
    "phase",
    "diary_from",
    "lead_placed_on",
    "planned_end_on",
    "ended_on",
    "trial_window",
    "evidence_version",
    "patient__zone",
    "day_starts_at_hour",
)


@cache
def _asked() -> tuple[Any, ...]:
    """The other columns of ``Fact``, in its order. The same for everyone: a statement copies them."""
    entries = DiaryEntry.objects.filter(trial=OuterRef("pk"), is_void=False).order_by("-diary_day")
    phones = PatientDevice.objects.filter(trial=OuterRef("pk"), revoked_at__isnull=True)
    siblings = StimulationTrial.objects.filter(patient=OuterRef("patient"))
    decided = standing_decisions().filter(trial=OuterRef("pk"))
    verdicts = Assessment.objects.filter(
        trial=OuterRef("pk"),
        evidence_id=OuterRef("currency__evidence_id"),
        rule_set_id=OuterRef("rule_set_id"),
        engine_version=ENGINE_VERSION,
    ).order_by("-id")
    return (
        Subquery(entries.values("diary_day")[:1]),
        Exists(phones),
        Exists(siblings.filter(repeat_number__gt=OuterRef("repeat_number"))),
        "currency__evidence_version",
        "currency__basis",
        Subquery(decided.values("choice")[:1]),
        Subquery(decided.values("assessment__answer")[:1]),
        Subquery(verdicts.values("answer")[:1]),
        "implant__implanted_on",
        ArraySubquery(FollowUp.objects.filter(implant=OuterRef("implant")).values("month")),
    )
