"""Reads of the staff site. Verdicts are looked up, never made: SQL counts and lists, the core derived."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, Q, QuerySet, Subquery, Value, When, Window

from apps.accounts.models import Clinic, User
from apps.diary.models import DiaryAnswer, DiaryEntry, StaffTask
from apps.diary.selectors import is_aside, is_correction, not_standing, standing
from apps.outcomes.models import Assessment
from apps.outcomes.selectors import Bases, bases_of_judgement
from apps.trials.models import StimulationTrial
from apps.trials.rules import Rulebook
from sctrial import ENGINE_VERSION
from sctrial.criteria import RuleSet, shipped_rule_sets
from sctrial.scales import TARGET

Trials = QuerySet[StimulationTrial]
A_DAY = timedelta(days=1)


def trials_in(clinics: Iterable[int]) -> Trials:
    return StimulationTrial.objects.filter(clinic_id__in=clinics).select_related("patient", "clinic")


def is_fresh(trial: StimulationTrial, *, bases: Bases) -> bool:
    """The same question of a row that was read together with its currency."""
    currency = getattr(trial, "currency", None)
    judged = currency and (currency.evidence_version, currency.basis)
    return bool(judged == (trial.evidence_version, bases.of(trial.clinic_id)))


def bases_at(at: datetime, *, rulebook: Rulebook) -> Bases:
    return bases_of_judgement(on=at.astimezone(UTC).date(), rulebook=rulebook)


def diary_today(*, zone: str, starts_at_hour: int, at: datetime) -> date:
    """The day an answer given at ``at`` would belong to."""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (LookupError, ValueError, OSError):
        # A zone this machine does not know must not hide the patient from the list.
        local = at
    return (local.replace(tzinfo=None) - timedelta(hours=starts_at_hour)).date()


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
        .annotate(
            is_replaced=not_standing(DiaryEntry),
            is_aside=is_aside(),
            is_correction=is_correction(DiaryEntry),
        )
        .order_by("diary_day", "captured_at", "line", "id")
    )


def answers_of(trial: StimulationTrial, *, with_notes: bool) -> QuerySet[DiaryAnswer]:
    """Every answer but pain scores, replaced ones too."""
    of_trial = DiaryAnswer.objects.filter(trial=trial)
    marked = of_trial.annotate(is_replaced=not_standing(DiaryAnswer), is_aside=is_aside())
    rows = marked.order_by("diary_day", "captured_at", "id")
    return rows if with_notes else rows.exclude(question="note")


def open_tasks(clinics: Iterable[int]) -> QuerySet[StaffTask]:
    """What waits for somebody: warning signs first, then what has waited longest. Each row has the counts."""
    tasks = StaffTask.objects.filter(trial__clinic_id__in=clinics, closed_at__isnull=True)
    first = Case(When(kind="red_flag", then=Value(0)), default=Value(1))
    told = tasks.annotate(total=Window(Count("pk")), urgent=Window(Count("pk", filter=Q(kind="red_flag"))))
    return told.select_related("trial__patient", "trial__clinic").order_by(first, "raised_at", "id")


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


def answered_days(trials: Iterable[UUID], *, since: date) -> dict[UUID, set[date]]:
    """The days of each trial from ``since`` on that have a score of target pain."""
    days: dict[UUID, set[date]] = {}
    entries = DiaryEntry.objects.filter(trial__in=list(trials), region=TARGET, diary_day__gte=since)
    for trial, day in standing(entries).order_by().values_list("trial_id", "diary_day").distinct():
        days.setdefault(trial, set()).add(day)
    return days
