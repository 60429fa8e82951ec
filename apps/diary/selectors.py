"""Reads of the diary, always within one trial."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, ParkedAnswer, PatientDevice
from apps.diary.schemas import CANONICAL_UUID4
from apps.problems import Problem
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from sctrial.criteria import RuleSet, rule_sets
from sctrial.scales import TARGET

#: A stolen token reads no further back than this.
READABLE = timedelta(days=7)
Rows = TypeVar("Rows", bound="QuerySet[Any, Any]")


def standing(rows: Rows) -> Rows:
    """Those that nothing replaces and nobody struck out; one struck out still replaces (docs/adr/0023).

    One that waits for staff neither stands nor replaces (docs/adr/0007).
    """
    return not_aside(rows).filter(~Exists(_replacing(rows.model)), is_void=False)


def not_aside(rows: Rows) -> Rows:
    return rows.filter(~is_aside())


def is_aside() -> Exists:
    """Stored, but waiting for staff or left by them."""
    return Exists(ParkedAnswer.objects.filter(pk=OuterRef("pk"), is_stored=True))


def not_standing(model: type[DiaryEntry | DiaryAnswer]) -> Q:
    """The opposite, to mark rows with."""
    return Q(is_aside()) | Q(is_void=True) | Q(Exists(_replacing(model)))


def is_correction(model: type[DiaryEntry | DiaryAnswer]) -> Q:
    """By staff, of what counted until then; after one that was struck out an answer is an answer again."""
    counted = model._default_manager.filter(trial=OuterRef("trial"), pk=OuterRef("supersedes"), is_void=False)
    return Q(Exists(counted), originator="staff")


def _replacing(model: type[Any]) -> "QuerySet[Any]":
    named = model.objects.filter(trial=OuterRef("trial"), supersedes=OuterRef("pk"))
    return not_aside(named).order_by()


def entry_of(device: PatientDevice, *, entry_id: str) -> DiaryEntry:
    """The entry, if it belongs to the device's own trial; unknown and foreign ids answer alike."""
    return _own(DiaryEntry.objects.filter(trial_id=device.trial_id), entry_id)


def answer_of(device: PatientDevice, *, answer_id: str) -> DiaryAnswer:
    return _own(DiaryAnswer.objects.filter(trial_id=device.trial_id), answer_id)


def _own(rows: QuerySet[Any], pk: str) -> Any:
    found = rows.filter(id=pk).first() if CANONICAL_UUID4.fullmatch(pk) else None
    if found is None:
        raise Problem(404, "not_found", "No such entry in this trial.")
    return found


def recent_entries(device: PatientDevice, *, at: datetime) -> QuerySet[DiaryEntry]:
    return DiaryEntry.objects.filter(trial_id=device.trial_id, received_at__gte=at - READABLE)


def corrections_of(device: PatientDevice) -> QuerySet[CorrectionRequest]:
    return CorrectionRequest.objects.filter(trial_id=device.trial_id)


def standing_on(trial_id: UUID, *, days: Iterable[date]) -> tuple[list[DiaryEntry], list[DiaryAnswer]]:
    """Answers of those days that nothing replaces, oldest first."""
    of_days = {"trial_id": trial_id, "diary_day__in": list(days)}
    entries = standing(DiaryEntry.objects.filter(**of_days)).order_by("captured_at", "id")
    answers = standing(DiaryAnswer.objects.filter(**of_days)).order_by("captured_at", "id")
    return list(entries), list(answers)


def answered_days(trial_id: UUID, *, since: date, until: date) -> frozenset[date]:
    """Days of that span with a target score."""
    days = DiaryEntry.objects.filter(
        trial_id=trial_id, region=TARGET, diary_day__gte=since, diary_day__lte=until, is_void=False
    )
    return frozenset(days.order_by().values_list("diary_day", flat=True).distinct())


def kinds_asked(trial: StimulationTrial, *, on: date) -> tuple[str, ...]:
    """Kinds of target pain that the trial's own rule set looks at, its main one first."""
    rule = rule_sets().get(trial.rule_set_id) or _own_rule(trial, on=on)
    kinds = {kind for region, kind in rule.pairs if region == TARGET}
    return tuple(
        sorted((kind.value for kind in kinds), key=lambda kind: (kind != rule.score_kind.value, kind))
    )


def _own_rule(trial: StimulationTrial, *, on: date) -> RuleSet:
    return read_rulebook([trial.clinic_id]).rule_of(trial, on=on)
