"""Cohort reports made in the background: asked for, begun under a lock, kept file by file, finished whole.

The row is the job, as with the files of snapshots (docs/adr/0017).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.services import record_in
from apps.cohorts import mailing
from apps.cohorts.job_tables import LIVE, ExportState
from apps.cohorts.question import CohortQuestion
from apps.cohorts.report_tables import KINDS, SHEET, ReportFile, ReportJob
from apps.cohorts.selectors import SNAPSHOT, clinics_of, trials_of
from apps.cohorts.services import Asker
from apps.workspace.permissions import Access, read_access

#: How many reports one person may have in the making.
MOST_LIVE: Final = 20
#: Begun so often without a finished step, a report is given up.
MOST_TRIES: Final = 3
NO_RIGHT: Final = (
    "You may not read cohorts of every clinic of this question any more. Ask a site admin for the right."
)
TOO_OFTEN: Final = f"Begun {MOST_TRIES} times and never ended. Ask for fewer trials, or tell the operator."


class NoReport(ValueError):
    """A report that is not taken on; the message says why and what to do."""


def own_reports(person: User, *, access: Access) -> QuerySet[ReportJob]:
    """A person's own, as long as they may read every clinic in it."""
    readable = sorted(access.clinics("view", resource=SNAPSHOT))
    return ReportJob.objects.filter(person=person, clinic_ids__contained_by=readable)


@transaction.atomic
def ask_report(
    question: CohortQuestion,
    *,
    audience: str,
    asker: Asker,
    person: User,
    via: str = "",
    wants_mail: bool = True,
) -> ReportJob:
    """The job that is being made for this question, or a new one. Raises BadQuestion and NoReport."""
    clinics = sorted(check_may_ask(question, asker=asker, person=person))
    facts = {"via": via, "wants_mail": wants_mail, "asked_at": asker.at, "clinic_ids": clinics}
    asked = {
        "person": person,
        "audience": audience,
        "question": replace(question, clinics=tuple(clinics)).query,
    }
    job, is_new = ReportJob.objects.get_or_create(**asked, state__in=LIVE, defaults=facts)
    if is_new:
        _trace("report_asked", job, by=asker.by, at=asker.at, request_id=asker.request_id, via=via)
    return job


def check_may_ask(question: CohortQuestion, *, asker: Asker, person: User) -> frozenset[int]:
    """The clinics in it. Raises BadQuestion and NoReport."""
    trials_of(question, access=asker.access)
    clinics = clinics_of(question, access=asker.access)
    if not clinics:
        raise NoReport("There is no clinic whose cohorts you may read. Ask a site admin for the right.")
    if ReportJob.objects.filter(person=person, state__in=LIVE).count() >= MOST_LIVE:
        raise NoReport(f"You have {MOST_LIVE} reports in the making. Wait for one, or cancel one.")
    return clinics


@transaction.atomic
def begin(job_id: UUID, *, at: datetime) -> ReportJob | None:
    """The job to be worked on; None where there is nothing to do, or no right or hope left."""
    job = _locked(job_id)
    if job is None:
        return None
    why_not = _why_not(job)
    if why_not:
        _end(job, ExportState.FAILED, at=at, error=why_not)
        return None
    job.state, job.tries = ExportState.RUNNING, job.tries + 1
    job.save(update_fields=["state", "tries"])
    return job


def _locked(job_id: UUID) -> ReportJob | None:
    live = ReportJob.objects.select_for_update(of=("self",), no_key=True).filter(pk=job_id, state__in=LIVE)
    return live.select_related("person").first()


def _why_not(job: ReportJob) -> str:
    if not own_reports(job.person, access=read_access(job.person)).filter(pk=job.pk).exists():
        return NO_RIGHT
    return TOO_OFTEN if job.tries >= MOST_TRIES else ""


@transaction.atomic
def keep_files(job: ReportJob, contents: Mapping[str, bytes], *, made_at: datetime) -> bool:
    """Whether the job still runs; then the files are kept, and a new worker has all its tries again."""
    running = ReportJob.objects.filter(pk=job.pk, state=ExportState.RUNNING)
    if not running.update(made_at=made_at, tries=0):
        return False
    ReportFile.objects.bulk_create(
        ReportFile(job=job, kind=kind, content=content) for kind, content in contents.items()
    )
    return True


@transaction.atomic
def finish(job_id: UUID, *, at: datetime, days: int) -> None:
    """Every file is there: from now on the report is, for ``days``."""
    job = _locked(job_id)
    if job is None or set(KINDS) - set(job.files.values_list("kind", flat=True)):
        return
    job.files.filter(kind=SHEET).delete()
    job.expires_at = at + timedelta(days=days)
    _end(job, ExportState.DONE, at=at)


@transaction.atomic
def fail(job_id: UUID, *, error: str, at: datetime) -> None:
    job = _locked(job_id)
    if job is not None:
        _end(job, ExportState.FAILED, at=at, error=error)


@transaction.atomic
def cancel(job_id: UUID, *, by: str, at: datetime, request_id: str = "") -> bool:
    """Whether there was something to cancel. A worker that is at it finds out at its next step."""
    job = _locked(job_id)
    if job is not None:
        _end(job, ExportState.CANCELLED, at=at, by=by, request_id=request_id)
    return job is not None


def _end(
    job: ReportJob,
    state: ExportState,
    *,
    at: datetime,
    by: str = "system",
    error: str = "",
    request_id: str = "",
) -> None:
    job.state, job.ended_at, job.error = state, at, error
    job.save(update_fields=["state", "ended_at", "error", "expires_at"])
    if state is not ExportState.DONE:
        job.files.all().delete()
    _trace(f"report_{state}", job, by=by, at=at, request_id=request_id)


def trace_file(job: ReportJob, *, asker: Asker, kind: str, via: str = "") -> None:
    """Write who took which file; one event a clinic. ``via`` is the key, if any."""
    _trace("download", job, by=asker.by, at=asker.at, request_id=asker.request_id, file=kind, via=via)


def _trace(action: str, job: ReportJob, *, by: str, at: datetime, request_id: str = "", **more: str) -> None:
    detail = {"question": job.question, "audience": job.audience, "for": job.person_id}
    record_in(
        job.clinic_ids,
        action=action,
        object_type="report",
        object_id=job.pk,
        by=by,
        at=at,
        request_id=request_id,
        detail=detail | {name: value for name, value in more.items() if value},
    )


def tell(job_id: UUID, *, at: datetime) -> None:
    """One mail when the job has ended, claimed before it is sent (docs/adr/0009)."""
    if not _untold().filter(pk=job_id).update(mailed_at=at):
        return
    job = ReportJob.objects.select_related("person").get(pk=job_id)
    is_ready = job.state == ExportState.DONE
    words = mailing.REPORT_READY.format(until=f"{job.expires_at:%d %B %Y}") if is_ready else mailing.NO_REPORT
    result = mailing.send_link(
        job.person,
        title="Your cohort report is ready" if is_ready else "Your cohort report was not made",
        words=words,
        path=reverse("cohorts:report_job", args=[job.pk]),
    )
    if not result.ok:
        ReportJob.objects.filter(pk=job_id).update(mail_error=result.detail[:120])


def _untold() -> QuerySet[ReportJob]:
    ended = (ExportState.DONE, ExportState.FAILED)
    return ReportJob.objects.filter(wants_mail=True, mailed_at=None, state__in=ended)


def unfinished() -> list[UUID]:
    """Jobs that somebody still waits for: to be made, or to hear of."""
    jobs = ReportJob.objects.filter(Q(state__in=LIVE) | Q(pk__in=_untold().values("pk")))
    return list(jobs.order_by("asked_at", "pk").values_list("pk", flat=True))


def forget_expired(*, at: datetime) -> int:
    """Drop the files whose days are over; their rows and the trail stay."""
    return ReportFile.objects.filter(job__expires_at__lte=at).delete()[0]
