"""Reads of the staff site. Verdicts are looked up, never made: SQL counts and lists, the core derived."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from apps.accounts.models import Clinic, User
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice, StaffTask
from apps.diary.selectors import is_aside, not_standing, standing
from apps.outcomes.models import Assessment
from apps.outcomes.selectors import Bases, bases_of_judgement
from apps.outcomes.selectors import is_current as is_current_on
from apps.outcomes.standing import would_now_differ
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook
from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, shipped_rule_sets
from sctrial.phases import Phase
from sctrial.scales import TARGET

Trials = QuerySet[StimulationTrial]
#: Zone and hour at which the diary day begins.
Places = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Known:
    """What was read already, so that several lists of one page do not read it again."""

    places: Places | None = None
    rulebook: Rulebook | None = None


NOTHING = Known()
#: Trials with the days that ``with_days`` adds.
DatedTrials = QuerySet[Any]

A_DAY = timedelta(days=1)
#: What is missing can still be asked for. A default of this project.
ENDING_SOON = timedelta(days=3)
#: The patient is asked every day from the first diary day until the leads are out.
RUNNING = (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE)


def trials_in(clinics: Iterable[int]) -> Trials:
    return StimulationTrial.objects.filter(clinic_id__in=clinics).select_related("patient", "clinic")


def running(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    return with_days(trials.filter(phase__in=RUNNING), at=at, known=known).order_by(
        F("planned_end_on").asc(nulls_last=True), "diary_from", "id"
    )


def silent(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    """Running, and nothing reported today: the last entry is from yesterday or before. Longest silence first.

    A diary that begins today is not silent yet.
    """
    found = running(trials, at=at, known=known)
    return found.filter(last_or_first_day__lt=F("today")).order_by("last_or_first_day", "id")


def ending(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    """Leads are in and their planned end is near, or over. The nearest comes first."""
    found = running(trials.filter(phase=Phase.TRIAL_ACTIVE), at=at, known=known)
    return found.filter(planned_end_on__lte=F("today") + ENDING_SOON)


def unpaired(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    """Running, and no phone can send an answer."""
    phones = PatientDevice.objects.filter(trial=OuterRef("pk"), revoked_at__isnull=True)
    return running(trials, at=at, known=known).exclude(Exists(phones))


def ready(trials: Trials, *, at: datetime, known: Known = NOTHING) -> Trials:
    """Waiting for a decision, with a verdict on everything that is known. The latest to end comes first."""
    pending = trials.filter(phase=Phase.DECISION_PENDING)
    return pending.filter(is_current(at=at, known=known)).order_by(F("ended_on").desc(nulls_last=True), "id")


def waiting(trials: Trials, *, at: datetime, known: Known = NOTHING) -> Trials:
    """Waiting for a decision, but the verdict is older than the record."""
    pending = trials.filter(phase=Phase.DECISION_PENDING)
    return pending.exclude(is_current(at=at, known=known)).order_by(F("ended_on").desc(nulls_last=True), "id")


def differing(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    """Decided, and on what is known today the rule gives another answer than the one that was signed."""
    return would_now_differ(trials).order_by(F("ended_on").desc(nulls_last=True), "id")


def is_current(*, at: datetime, known: Known = NOTHING) -> Q:
    return is_current_on(on=at.astimezone(UTC).date(), rulebook=known.rulebook)


def is_fresh(trial: StimulationTrial, *, bases: Bases) -> bool:
    """The same question of a row that was read together with its currency."""
    currency = getattr(trial, "currency", None)
    judged = currency and (currency.evidence_version, currency.basis)
    return bool(judged == (trial.evidence_version, bases.of(trial.clinic_id)))


def bases_at(at: datetime, *, rulebook: Rulebook) -> Bases:
    return bases_of_judgement(on=at.astimezone(UTC).date(), rulebook=rulebook)


def with_days(trials: Trials, *, at: datetime, known: Known = NOTHING) -> DatedTrials:
    """Adds ``today`` as the patient's diary counts it, ``last_day`` and ``last_or_first_day``."""
    newest = (
        DiaryEntry.objects.filter(trial=OuterRef("pk"), is_void=False)
        .order_by("-diary_day")
        .values("diary_day")[:1]
    )
    return trials.annotate(
        today=_today(places_of(trials) if known.places is None else known.places, at=at),
        last_day=Subquery(newest),
        last_or_first_day=Coalesce(Subquery(newest), F("diary_from")),
    )


def diary_today(*, zone: str, starts_at_hour: int, at: datetime) -> date:
    """The day an answer given at ``at`` would belong to."""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (LookupError, ValueError, OSError):
        # A zone this machine does not know must not hide the patient from the list.
        local = at
    return (local.replace(tzinfo=None) - timedelta(hours=starts_at_hour)).date()


def places_of(trials: Trials) -> Places:
    """Where the patients are, and when their diary day begins."""
    return list(trials.order_by().values_list("patient__zone", "day_starts_at_hour").distinct())


def _today(places: Places, *, at: datetime) -> Case:
    # Zone rules come from the same tables as the diary's own days, not from the database's.
    by_day: dict[date, list[Q]] = {}
    for zone, hour in places:
        day = diary_today(zone=zone, starts_at_hour=hour, at=at)
        by_day.setdefault(day, []).append(Q(patient__zone=zone, day_starts_at_hour=hour))
    whens = [When(reduce(or_, places), then=Value(day)) for day, places in by_day.items()]
    return Case(*whens, default=Value(at.astimezone(UTC).date()), output_field=DateField())


def rules_by_digest(rulebook: Rulebook) -> Mapping[str, RuleSet]:
    """Every version that a verdict may rest on."""
    return {rule.digest: rule for rule in shipped_rule_sets()} | rulebook.by_digest()


def own_assessments(trials: Iterable[UUID]) -> dict[UUID, Assessment]:
    """The newest verdict of each trial under its own rule set, on the evidence it was last judged on."""
    found = Assessment.objects.filter(
        trial__in=list(trials),
        evidence_id=F("trial__currency__evidence_id"),
        rule_set_id=F("trial__rule_set_id"),
        engine_version=ENGINE_VERSION,
    ).order_by("id")
    return {row.trial_id: row for row in found}


def verdicts_of(trial: StimulationTrial, *, at: datetime) -> tuple[list[Assessment], Assessment | None]:
    """Those that stand, and that of a day ago under the trial's own rule set; by one statement."""
    if not hasattr(trial, "currency"):
        return [], None
    stands = Q(evidence_id=trial.currency.evidence_id, engine_version=ENGINE_VERSION)
    older = Q(rule_set_id=trial.rule_set_id, assessed_at__lte=at - A_DAY)
    of_trial = Assessment.objects.filter(trial=trial)
    newest = of_trial.filter(older).order_by("-id").values("pk")[:1]
    told = of_trial.annotate(stands=stands, is_older=older).filter(stands | Q(pk=Subquery(newest)))
    rows: list[Any] = list(told.select_related("evidence").order_by("id"))
    standing = [row for row in rows if row.stands]
    before = next((row for row in reversed(rows) if row.is_older), None)
    return sorted(standing, key=lambda row: (row.rule_set_id != trial.rule_set_id, row.rule_set_id)), before


def entries_of(trial: StimulationTrial) -> QuerySet[DiaryEntry]:
    """Every answer of a trial, replaced ones too."""
    return (
        DiaryEntry.objects.filter(trial=trial)
        .annotate(is_replaced=not_standing(DiaryEntry), is_aside=is_aside())
        .order_by("diary_day", "captured_at", "line", "id")
    )


def answers_of(trial: StimulationTrial, *, with_notes: bool) -> QuerySet[DiaryAnswer]:
    """Every answer but pain scores, replaced ones too."""
    of_trial = DiaryAnswer.objects.filter(trial=trial)
    marked = of_trial.annotate(is_replaced=not_standing(DiaryAnswer), is_aside=is_aside())
    rows = marked.order_by("diary_day", "captured_at", "id")
    return rows if with_notes else rows.exclude(question="note")


def open_tasks(clinics: Iterable[int]) -> QuerySet[StaffTask]:
    """What waits for somebody: warning signs first, then what has waited longest."""
    tasks = StaffTask.objects.filter(trial__clinic_id__in=clinics, closed_at__isnull=True)
    first = Case(When(kind="red_flag", then=Value(0)), default=Value(1))
    return tasks.select_related("trial__patient", "trial__clinic").order_by(first, "raised_at", "id")


def warning_signs(tasks: Iterable[StaffTask]) -> dict[str, DiaryAnswer]:
    """The answers that the warning tasks among ``tasks`` are about, by subject."""
    subjects = [task.subject for task in tasks if task.kind == "red_flag"]
    return {str(row.pk): row for row in DiaryAnswer.objects.filter(pk__in=subjects)} if subjects else {}


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Who "staff:7" is, for those among ``actors`` who are staff."""
    ids = {int(actor[6:]) for actor in actors if actor.startswith("staff:") and actor[6:].isdigit()}
    people = User.objects.filter(pk__in=ids) if ids else ()
    return {f"staff:{user.pk}": user.get_full_name() or user.get_username() for user in people}


def clinic_choices(clinics: Iterable[int]) -> QuerySet[Clinic]:
    return Clinic.objects.filter(pk__in=clinics)


def answered_days(trials: Iterable[UUID]) -> dict[UUID, set[date]]:
    """The days of each trial that have a score of target pain."""
    days: dict[UUID, set[date]] = {}
    found = standing(DiaryEntry.objects.filter(trial__in=list(trials), region=TARGET))
    for trial, day in found.order_by().values_list("trial_id", "diary_day").distinct():
        days.setdefault(trial, set()).add(day)
    return days


WORK: Mapping[str, Any] = {
    "ready": ready,
    "differs": differing,
    "silent": silent,
    "ending": ending,
    "unpaired": unpaired,
    "running": running,
    "waiting": waiting,
}
