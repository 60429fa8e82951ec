"""The one way to declare a Celery task in this project, and the one way to ring for it.

A task is keyword-only, takes ids, and is safe to run twice at the same time. Redis is a doorbell:
ringing happens after commit, and a bell that does not ring is logged, never raised, because the
reconciler finds the work in PostgreSQL anyway.
"""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock, Thread
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)


class HouseTask(Task):
    """A Celery task with :meth:`ring`."""

    def ring(self, **ids: int | str) -> None:
        """Ask for a run once the current transaction has committed; never raises."""
        transaction.on_commit(partial(self._publish, ids), robust=True)

    def _publish(self, ids: Mapping[str, int | str | list[str]]) -> None:
        try:
            self.apply_async(kwargs=dict(ids), retry=False)
        except Exception as error:
            # Whatever the broker or its client throws, the answer to the phone must not change.
            logger.warning("doorbell out of order for %s: %s", self.name, type(error).__name__)


class GatheringBell:
    """Rings a task once for all that is asked for within a moment, from a thread of its own.

    A message costs more than the answer that asks for it. ``argument`` of the task takes a list of at most
    ``most`` ids. A process that is killed in that moment rings no more; the reconciler finds its work too.
    """

    def __init__(self, task: HouseTask, *, argument: str, most: int = 200) -> None:
        self._task, self._argument, self._most = task, argument, most
        self._lock = Lock()
        self._waiting: set[str] = set()
        self._ringer: Thread | None = None

    def ring(self, one: str) -> None:
        """Ask for a run on ``one`` soon after the current transaction has committed; never raises."""
        transaction.on_commit(partial(self._add, one), robust=True)

    def _add(self, one: str) -> None:
        with self._lock:
            self._waiting.add(one)
            # In the child of a fork the parent's thread is not alive.
            if self._ringer is None or not self._ringer.is_alive():
                self._ringer = Thread(target=self._ring_until_quiet, name=f"bell of {self._task.name}")
                self._ringer.start()

    def _ring_until_quiet(self) -> None:
        while ids := self._gather():
            for first in range(0, len(ids), self._most):
                self._task._publish({self._argument: ids[first : first + self._most]})

    def _gather(self) -> list[str]:
        time.sleep(settings.GATHER_SECONDS)
        with self._lock:
            ids, self._waiting = sorted(self._waiting), set()
            if not ids:
                self._ringer = None
            return ids


def house_task(name: str, **options: Any) -> Callable[[Callable[..., Any]], HouseTask]:
    """Declare a task under a stable name such as ``outcomes.assess_trial``."""
    return shared_task(base=HouseTask, name=name, **options)
