"""Hear that evidence changed, and that a worker is up; ring for the work."""

from typing import Any
from uuid import UUID

from celery.signals import worker_ready
from django.dispatch import receiver

from apps.jobs import GatheringBell
from apps.outcomes.tasks import assess_trials, reconcile
from apps.trials.signals import evidence_changed

ASSESSMENT = GatheringBell(assess_trials, argument="trial_ids")


@receiver(evidence_changed, dispatch_uid="outcomes.assess")
def ring_for_assessment(sender: object, *, trial_id: UUID, **kwargs: Any) -> None:
    ASSESSMENT.ring(str(trial_id))


@worker_ready.connect(dispatch_uid="outcomes.reconcile_at_start")
def reconcile_at_start(**kwargs: Any) -> None:
    reconcile.ring()
