"""The Celery jobs of the diary: thin, keyword-only, safe to run twice at the same time."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from apps.diary import alerting, reminding
from apps.jobs import house_task
from sctrial.reminders import DayPlan


@house_task("diary.remind", expires=60)
def remind() -> None:
    """Ring for every trial that has a reminder due; who claims it sends it."""
    for due in reminding.find_due(reminding.remindable(), at=timezone.now()):
        remind_trial.ring(trial_id=str(due.trial.pk))


@house_task("diary.remind_trial", expires=60)
def remind_trial(*, trial_id: str) -> None:
    _send(reminding.claim(UUID(trial_id), at=timezone.now()))


@house_task("diary.ask_trial", expires=600)
def ask_trial(*, trial_id: str) -> None:
    """As staff have asked; what became impossible meanwhile is not sent."""
    _send(reminding.claim(UUID(trial_id), at=timezone.now(), choose=DayPlan.ask))


def _send(claims: Iterable[reminding.Claim]) -> None:
    for claim in claims:
        result = reminding.deliver(claim)
        reminding.settle(claim, result, at=timezone.now())


@house_task("diary.alert_staff", expires=60)
def alert_staff() -> None:
    for clinic in alerting.clinics_to_tell():
        alerting.tell_clinic(clinic, at=timezone.now())


@house_task("diary.watch_diaries", expires=600)
def watch_diaries() -> None:
    alerting.watch_diaries(at=timezone.now())
