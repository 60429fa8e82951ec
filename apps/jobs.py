"""The one way to declare a Celery task in this project, and the one way to ring for it.

A task is keyword-only, takes ids, and is safe to run twice at the same time. Redis is a doorbell:
ringing happens after commit, and a bell that does not ring is logged, never raised, because the
reconciler finds the work in PostgreSQL anyway.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import Task, shared_task
from django.db import transaction

logger = logging.getLogger(__name__)


class HouseTask(Task):
    """A Celery task with :meth:`ring`."""

    def ring(self, **ids: int | str) -> None:
        """Ask for a run once the current transaction has committed; never raises."""
        transaction.on_commit(partial(self._publish, ids), robust=True)

    def _publish(self, ids: dict[str, int | str]) -> None:
        try:
            self.apply_async(kwargs=ids, retry=False)
        except Exception as error:
            # Whatever the broker or its client throws, the answer to the phone must not change.
            logger.warning("doorbell out of order for %s: %s", self.name, type(error).__name__)


def house_task(name: str, **options: Any) -> Callable[[Callable[..., Any]], HouseTask]:
    """Declare a task under a stable name such as ``outcomes.assess_trial``."""
    return shared_task(base=HouseTask, name=name, **options)
