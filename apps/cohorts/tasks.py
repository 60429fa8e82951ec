"""The Celery jobs of cohorts: thin, keyword-only, safe to run twice at the same time."""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.cohorts import exporting, scheduling
from apps.cohorts.downloads import CannotWrite
from apps.cohorts.models.jobs import ExportJob
from apps.cohorts.models.reports import ReportJob
from apps.cohorts.question import BadQuestion
from apps.cohorts.reports import reporting
from apps.cohorts.reports.files import make_files
from apps.cohorts.reports.report import TooFewToShare
from apps.holding import alone
from apps.jobs import house_task

logger = logging.getLogger(__name__)
#: A job that has more parts than fit in a turn goes to the end of the queue, behind those of others.
TURN: Final = timedelta(seconds=30)
#: For the formats that are written in one piece.
LONGEST_PIECE: Final = 15 * 60


@house_task("cohorts.run_export", soft_time_limit=LONGEST_PIECE, time_limit=LONGEST_PIECE + 30, expires=60)
def run_export(*, job_id: str) -> None:
    """Go on with a file; whoever else is at it goes on alone."""
    key = UUID(job_id)
    with alone(f"export:{key}") as is_ours:
        if not is_ours:
            return
        job = exporting.begin(key, at=timezone.now())
        if job is not None and not _work(job):
            run_export.ring(job_id=job_id)
            return
        exporting.tell(key, at=timezone.now())


def _work(job: ExportJob) -> bool:
    """Whether the job has ended; what fails without a word of its own is tried again."""
    begun = timezone.now()
    try:
        for _ in exporting.make_parts(job):
            if timezone.now() - begun > TURN:
                return False
    except CannotWrite as error:
        exporting.fail(job.pk, error=f"No file was made: {error}.", at=timezone.now())
    except Exception as error:
        # Its words may hold values. The next round tries again, a few times.
        logger.error("export %s: %s", job.pk, type(error).__name__)
    else:
        exporting.finish(job.pk, at=timezone.now(), days=settings.EXPORT_DAYS)
    return True


@house_task("cohorts.resume_exports", expires=60)
def resume_exports() -> None:
    """Ring for every file that somebody still waits for: the bell that rang first may be lost."""
    exporting.forget_expired(at=timezone.now())
    reporting.forget_expired(at=timezone.now())
    for job_id in exporting.unfinished():
        run_export.ring(job_id=str(job_id))
    for job_id in reporting.unfinished():
        run_report.ring(job_id=str(job_id))


@house_task("cohorts.run_report", soft_time_limit=LONGEST_PIECE, time_limit=LONGEST_PIECE + 30, expires=60)
def run_report(*, job_id: str) -> None:
    """Go on with a report; whoever else is at it goes on alone."""
    key = UUID(job_id)
    with alone(f"report:{key}") as is_ours:
        if not is_ours:
            return
        job = reporting.begin(key, at=timezone.now())
        if job is not None:
            _report(job)
        reporting.tell(key, at=timezone.now())


def _report(job: ReportJob) -> None:
    """What fails without a word of its own is tried again."""
    try:
        for _ in make_files(job, at=timezone.now()):
            pass
    except (BadQuestion, TooFewToShare) as refused:
        reporting.fail(job.pk, error=f"No report was made. {refused}", at=timezone.now())
    except Exception as error:
        # Its words may hold values. The next round tries again, a few times.
        logger.error("report %s: %s", job.pk, type(error).__name__)
    else:
        reporting.finish(job.pk, at=timezone.now(), days=settings.REPORT_DAYS)


@house_task("cohorts.run_schedule", soft_time_limit=LONGEST_PIECE, time_limit=LONGEST_PIECE + 30, expires=60)
def run_schedule(*, schedule_id: int) -> None:
    """Run the slot that is due, and tell its person; whoever comes later finds it done."""
    try:
        report = scheduling.run_due(schedule_id, at=timezone.now())
        if report is not None:
            run_report.ring(job_id=str(report))
    except Exception as error:
        logger.error("schedule %s: %s", schedule_id, type(error).__name__)
    scheduling.tell(schedule_id, at=timezone.now())


@house_task("cohorts.run_schedules", expires=60)
def run_schedules() -> None:
    for schedule_id in scheduling.waiting(at=timezone.now()):
        run_schedule.ring(schedule_id=schedule_id)
