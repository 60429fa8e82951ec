"""The Celery jobs: thin, keyword-only, safe to run twice at the same time."""

import logging
from datetime import UTC, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.jobs import house_task
from apps.outcomes import runs, selectors, services
from apps.outcomes.models import RecomputeRun

logger = logging.getLogger(__name__)
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


@house_task("outcomes.recompute_one", expires=60)
def recompute_one(*, run_id: int) -> None:
    """One block, and then to the end of the queue, behind what patients and staff wait for."""
    try:
        is_done = runs.work_on_one(run_id, at=timezone.now())
    except Exception as error:
        # Its words may hold values. The next round tries again, a few times.
        logger.error("recompute %s: %s", run_id, type(error).__name__)
        return
    if is_done:
        recompute_one.ring(run_id=run_id)


@house_task("outcomes.recompute", expires=60)
def recompute(*, run_id: int) -> None:
    """Ring for as many workers as may be at it."""
    for _ in range(settings.RECOMPUTE_AT_ONCE):
        recompute_one.ring(run_id=run_id)


@house_task("outcomes.resume_recompute", expires=60)
def resume_recompute() -> None:
    """Ring again for a run that nobody works on: the bells that rang first may be lost."""
    for run_id in RecomputeRun.objects.filter(ended_at=None).values_list("pk", flat=True):
        if not runs.is_worked_on(run_id):
            recompute(run_id=run_id)
