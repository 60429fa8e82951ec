"""A beat that reconciles by itself: neither broker nor worker stands between a score and its verdict."""

from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from django.db import close_old_connections

from config.celery import serve_as_job

# The reconciler is what makes Redis dispensable: it may depend neither on Redis nor on a worker that
# is still waiting to reconnect. In an ordinary round it finds nothing to do, at the price of one query.
RUN_IN_BEAT = frozenset({"outcomes.reconcile"})


class SelfReliantScheduler(Scheduler):
    """The schedule is static and kept in memory: there is no file that two beats could fight over."""

    # The base class would wait here, for ever, until the broker answers.
    producer = None  # type: ignore[assignment]

    def apply_async(
        self, entry: ScheduleEntry, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        if advance:
            self.reserve(entry)
        name, arguments = str(entry.task), entry.kwargs or {}
        task = self.app.tasks[name]
        if name not in RUN_IN_BEAT:
            return task.apply_async(kwargs=arguments, retry=False, **(entry.options or {}))
        # Celery renews connections around the tasks of a worker only; PostgreSQL may have restarted.
        close_old_connections()
        serve_as_job(name)
        task(**arguments)
        return None
