"""Reads of the diary, always within one trial."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.diary.models import CorrectionRequest, DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.schemas import CANONICAL_UUID4
from apps.problems import Problem
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from sctrial.criteria import RuleSet, rule_sets
from sctrial.scales import TARGET

#: A stolen token reads no further back than this.
READABLE = timedelta(days=7)


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
    entries, answers = (
        list(
            model.objects.filter(
                trial_id=trial_id, diary_day__in=list(days), superseded_by__isnull=True
            ).order_by("captured_at", "id")
        )
        for model in (DiaryEntry, DiaryAnswer)
    )
    return entries, answers  # type: ignore[return-value]


def answered_days(trial_id: UUID, *, since: date, until: date) -> frozenset[date]:
    """Days of that span with a target score."""
    days = DiaryEntry.objects.filter(
        trial_id=trial_id, region=TARGET, diary_day__gte=since, diary_day__lte=until
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
