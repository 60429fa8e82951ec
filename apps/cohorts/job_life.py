"""The life that every background job leads: begun under a lock, ended once, told once by mail.

What is made, who may have it and what is kept of it is the business of each sort: ``exporting`` and
``reports.reporting``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.cohorts import mailing
from apps.cohorts.models.jobs import LIVE, BackgroundJob, ExportState

Job = TypeVar("Job", bound=BackgroundJob)
#: How many of a sort one person may have in the making.
MOST_LIVE: Final = 20
#: Begun so often without a finished part, a job is given up.
MOST_TRIES: Final = 3


@dataclass(frozen=True)
class Life(Generic[Job]):
    """``why_not`` says why a job may not be begun, ``drop`` takes away what was made of one that is not done.

    ``trace`` writes an action of a job to the trail; ``route`` is the page that shows it.
    """

    model: type[Job]
    name: str
    related: tuple[str, ...]
    why_not: Callable[[Job], str]
    drop: Callable[[Job], object]
    trace: Callable[..., None]
    mail: mailing.Ending
    route: str

    def count_live(self, *, of: object) -> int:
        return self.model._default_manager.filter(person=of, state__in=LIVE).count()

    def locked(self, job_id: UUID) -> Job | None:
        """The job while it lives, until the end of the transaction nobody else's."""
        rows = self.model._default_manager.select_for_update(of=("self",), no_key=True)
        return rows.filter(pk=job_id, state__in=LIVE).select_related(*self.related).first()

    @transaction.atomic
    def begin(self, job_id: UUID, *, at: datetime) -> Job | None:
        """The job to be worked on; None where there is nothing to do, or no right or hope left."""
        job = self.locked(job_id)
        if job is None:
            return None
        why_not = self.why_not(job)
        if why_not:
            self.end(job, ExportState.FAILED, at=at, error=why_not)
            return None
        job.state, job.tries = ExportState.RUNNING, job.tries + 1
        job.save(update_fields=["state", "tries"])
        return job

    @transaction.atomic
    def fail(self, job_id: UUID, *, error: str, at: datetime) -> None:
        job = self.locked(job_id)
        if job is not None:
            self.end(job, ExportState.FAILED, at=at, error=error)

    @transaction.atomic
    def cancel(self, job_id: UUID, *, by: str, at: datetime, request_id: str = "") -> bool:
        """Whether there was something to cancel. A worker that is at it finds out at its next part."""
        job = self.locked(job_id)
        if job is not None:
            self.end(job, ExportState.CANCELLED, at=at, by=by, request_id=request_id)
        return job is not None

    def end(
        self,
        job: Job,
        state: ExportState,
        *,
        at: datetime,
        by: str = "system",
        error: str = "",
        request_id: str = "",
    ) -> None:
        """Of a locked job, with whatever else was set on it."""
        job.state, job.ended_at, job.error = state, at, error
        job.save()
        if state is not ExportState.DONE:
            self.drop(job)
        self.trace(f"{self.name}_{state}", job, by=by, at=at, request_id=request_id)

    def tell(self, job_id: UUID, *, at: datetime) -> None:
        """One mail when the job has ended, claimed before it is sent (docs/adr/0009)."""
        if not self._untold().filter(pk=job_id).update(mailed_at=at):
            return
        job = self.model._default_manager.select_related("person").get(pk=job_id)
        done, until = job.state == ExportState.DONE, job.expires_at
        path = reverse(self.route, args=[job.pk])
        result = mailing.send_ending(job.person, self.mail, until=until if done else None, path=path)
        if not result.ok:
            self.model._default_manager.filter(pk=job_id).update(mail_error=result.detail[:120])

    def unfinished(self) -> list[UUID]:
        """Jobs that somebody still waits for: to be made, or to hear of."""
        jobs = self.model._default_manager.filter(Q(state__in=LIVE) | Q(pk__in=self._untold().values("pk")))
        return list(jobs.order_by("asked_at", "pk").values_list("pk", flat=True))

    def _untold(self) -> QuerySet[Job]:
        ended = (ExportState.DONE, ExportState.FAILED)
        return self.model._default_manager.filter(wants_mail=True, mailed_at=None, state__in=ended)
