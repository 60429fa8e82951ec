"""The Celery jobs: thin, keyword-only, safe to run twice at the same time."""

from datetime import UTC, timedelta
from uuid import UUID

from django.utils import timezone

from apps.jobs import house_task
from apps.outcomes import selectors, services

# A round ends before the next one is due; what it leaves, the next one takes.
ROUND = timedelta(seconds=10)


@house_task("outcomes.assess_trials")
def assess_trials(*, trial_ids: list[str]) -> None:
    for trial_id in trial_ids:
        services.assess_or_report(UUID(trial_id), at=timezone.now())


@house_task("outcomes.reconcile", expires=60)
def reconcile() -> None:
    """Assess every trial that is not current."""
    begun = timezone.now().astimezone(UTC)
    for trial_id in selectors.stale_trials(on=begun.date()).iterator():
        if timezone.now() - begun > ROUND:
            return
        services.assess_or_report(trial_id, at=timezone.now())
