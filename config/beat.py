"""A beat that does the work itself when the doorbell is out of order."""

import logging
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class SelfReliantScheduler(Scheduler):
    """Sends due tasks through the broker; runs them in this process when the broker cannot be reached.

    The reconciler is what makes Redis dispensable, so it may not depend on Redis. The schedule is
    static and kept in memory: there is no file that two beats could fight over.
    """

    # The base class would wait here, for ever, until the broker answers.
    producer = None

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        entry = self.reserve(entry) if advance else entry
        task = self.app.tasks[entry.task]
        try:
            return task.apply_async(kwargs=entry.kwargs, retry=False, **entry.options)
        except (OperationalError, OSError) as error:
            logger.warning("broker unreachable, running %s in beat: %s", entry.task, type(error).__name__)
            return task.apply(kwargs=entry.kwargs)
