"""Cohort reports made in the background: asked for, begun under a lock, kept file by file, finished whole.

The row is the job, as with the files of snapshots (docs/adr/0017).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.audit.services import record_in
from apps.cohorts import mailing
from apps.cohorts.job_life import MOST_LIVE, MOST_TRIES, Life
from apps.cohorts.models.jobs import LIVE, ExportState
from apps.cohorts.models.reports import KINDS, SHEET, ReportFile, ReportJob
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import SNAPSHOT, clinics_of, trials_of
from apps.cohorts.services import Asker
from apps.workspace.permissions import Access, read_access

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
    if LIFE.count_live(of=person) >= MOST_LIVE:
        raise NoReport(f"You have {MOST_LIVE} reports in the making. Wait for one, or cancel one.")
    return clinics


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
    job = LIFE.locked(job_id)
    if job is None or set(KINDS) - set(job.files.values_list("kind", flat=True)):
        return
    job.files.filter(kind=SHEET).delete()
    job.expires_at = at + timedelta(days=days)
    LIFE.end(job, ExportState.DONE, at=at)


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


def forget_expired(*, at: datetime) -> int:
    """Drop the files whose days are over; their rows and the trail stay."""
    return ReportFile.objects.filter(job__expires_at__lte=at).delete()[0]


LIFE: Final = Life(
    ReportJob,
    "report",
    related=("person",),
    why_not=_why_not,
    drop=lambda job: job.files.all().delete(),
    trace=_trace,
    mail=mailing.REPORT,
    route="cohorts:report_job",
)
begin, fail, cancel, tell, unfinished = LIFE.begin, LIFE.fail, LIFE.cancel, LIFE.tell, LIFE.unfinished
