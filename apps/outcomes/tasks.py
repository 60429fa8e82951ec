"""The Celery jobs: thin, keyword-only, safe to run twice at the same time."""

from datetime import UTC, datetime
from uuid import UUID

from django.utils import timezone

from apps.jobs import house_task
from apps.outcomes import selectors, services

RECONCILE_LIMIT = 1000


@house_task("outcomes.assess_trial")
def assess_trial(*, trial_id: str) -> None:
    services.assess(UUID(trial_id), at=timezone.now())


@house_task("outcomes.reconcile", expires=60)
def reconcile() -> int:
    """Assess every trial that is not current; what one round leaves, the next one takes."""
    now: datetime = timezone.now().astimezone(UTC)
    stale = list(selectors.stale_trials(on=now.date())[:RECONCILE_LIMIT])
    for trial_id in stale:
        services.assess_or_report(trial_id, at=now)
    return len(stale)
