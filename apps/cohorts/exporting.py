"""Files made in the background: asked for, begun under a lock, kept part by part, finished whole.

Whoever holds the lock of a job works on it; the lock falls with the connection of a worker that dies, and
the next one goes on after the last part that was kept.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from apps.accounts.models import User
from apps.audit.services import record_in
from apps.cohorts import downloads, mailing
from apps.cohorts.job_life import MOST_LIVE, MOST_TRIES, Life
from apps.cohorts.models import Snapshot
from apps.cohorts.models.jobs import LIVE, ExportJob, ExportPart, ExportState
from apps.cohorts.selectors import open_snapshots
from apps.workspace.permissions import Access, read_access

NO_RIGHT: Final = (
    "You may not open this snapshot any more. Ask the site admin of its clinic if you still need it."
)
TOO_OFTEN: Final = (
    f"Making it was begun {MOST_TRIES} times and never ended. Take the table as CSV or Parquet, which need "
    "the least memory, or tell the operator."
)
OTHER_BYTES: Final = "It is not the file whose digest the snapshot holds. Tell the operator; do not use it."


class NoExport(ValueError):
    """A job that is not taken; the message says why and what to do."""


def own_exports(person: User, *, access: Access) -> QuerySet[ExportJob]:
    """A person's own jobs, of snapshots that are still open to them."""
    return ExportJob.objects.filter(person=person, snapshot__in=open_snapshots(access)).select_related(
        "snapshot"
    )


@transaction.atomic
def ask_export(
    snapshot: Snapshot,
    *,
    table: str,
    kind: str,
    person: User,
    at: datetime,
    via: str = "",
    wants_mail: bool = True,
    request_id: str = "",
) -> ExportJob:
    """The job for this file: the one that stands, or a new one. Raises NoExport."""
    if not downloads.is_file(snapshot, table, kind):
        raise NoExport("There is no such file of this snapshot. Choose a table and one of its formats.")
    asked = {"person": person, "snapshot": snapshot, "table": table, "kind": kind}
    kept = ExportJob.objects.filter(**asked, state=ExportState.DONE, expires_at__gt=at).first()
    if kept is not None:
        return kept
    if LIFE.count_live(of=person) >= MOST_LIVE:
        raise NoExport(f"You have {MOST_LIVE} files in the making. Wait for one, or cancel one.")
    facts = {"via": via, "wants_mail": wants_mail, "asked_at": at, "rows_known": _rows(snapshot, table)}
    job, is_new = ExportJob.objects.get_or_create(**asked, state__in=LIVE, defaults=facts)
    if is_new:
        _trace("export_asked", job, by=f"staff:{person.pk}", at=at, request_id=request_id, via=via)
    return job


def _rows(snapshot: Snapshot, table: str) -> int | None:
    tables = snapshot.manifest["tables"]
    if table == downloads.ALL:
        return sum(one["rows"] for one in tables.values())
    return tables[table]["rows"] if table in tables else None


def _why_not(job: ExportJob) -> str:
    if not open_snapshots(read_access(job.person)).filter(pk=job.snapshot_id).exists():
        return NO_RIGHT
    return TOO_OFTEN if job.tries >= MOST_TRIES else ""


def make_parts(job: ExportJob) -> Iterator[None]:
    """Make what is not there yet, a turn for each part; ends early where the job was cancelled.

    Raises what is in ``downloads.CannotWrite``.
    """
    number = job.parts.count()
    work = downloads.plan_file(
        job.snapshot,
        job.table,
        job.kind,
        rows_a_part=settings.EXPORT_PART_ROWS,
        has_begun=bool(number),
        rows_done=job.rows_done,
    )
    for rows, content in work.parts:
        if not _keep(job, number, content, rows=rows, known=work.rows):
            return
        number += 1
        yield


@transaction.atomic
def _keep(job: ExportJob, number: int, content: bytes, *, rows: int, known: int) -> bool:
    """Whether the job still runs; then the part is kept, and a new worker has all its tries again."""
    running = ExportJob.objects.filter(pk=job.pk, state=ExportState.RUNNING)
    if not running.update(rows_done=F("rows_done") + rows, rows_known=known, tries=0):
        return False
    ExportPart.objects.create(job=job, number=number, content=content)
    return True


def finish(job_id: UUID, *, at: datetime, days: int) -> None:
    """All parts are there: from now on the file is, for ``days``."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces_of(job_id):
        digest.update(piece)
        size += len(piece)
    with transaction.atomic():
        job = LIFE.locked(job_id)
        if job is None:
            return
        if digest.hexdigest() != (_promised(job) or digest.hexdigest()):
            LIFE.end(job, ExportState.FAILED, at=at, error=OTHER_BYTES)
            return
        job.sha256, job.size, job.expires_at = digest.hexdigest(), size, at + timedelta(days=days)
        LIFE.end(job, ExportState.DONE, at=at)


def _promised(job: ExportJob) -> str:
    """The digest of this very file, where the snapshot holds one."""
    tables = job.snapshot.manifest["tables"]
    return tables[job.table]["sha256"] if job.kind == "csv" and job.table in tables else ""


def _trace(action: str, job: ExportJob, *, by: str, at: datetime, request_id: str = "", **more: Any) -> None:
    detail = {"snapshot": job.snapshot_id, "table": job.table, "format": job.kind, "for": job.person_id}
    more |= {"sha256": job.sha256}
    record_in(
        job.snapshot.clinics.order_by("pk").values_list("pk", flat=True),
        action=action,
        object_type="export",
        object_id=job.pk,
        by=by,
        at=at,
        request_id=request_id,
        detail=detail | {"form": job.snapshot.form} | {name: value for name, value in more.items() if value},
    )


def pieces_of(job_id: UUID) -> Iterator[bytes]:
    """The kept parts in their order, one in memory at a time."""
    parts = ExportPart.objects.filter(job_id=job_id)
    for pk in parts.values_list("pk", flat=True):
        yield bytes(parts.values_list("content", flat=True).get(pk=pk))


def forget_expired(*, at: datetime) -> int:
    """Drop the bytes of files whose days are over; their rows and the trail stay."""
    return ExportPart.objects.filter(job__expires_at__lte=at).delete()[0]


LIFE: Final = Life(
    ExportJob,
    "export",
    related=("snapshot", "person"),
    why_not=_why_not,
    drop=lambda job: job.parts.all().delete(),
    trace=_trace,
    mail=mailing.FILE,
    route="cohorts:export",
)
begin, fail, cancel, tell, unfinished = LIFE.begin, LIFE.fail, LIFE.cancel, LIFE.tell, LIFE.unfinished
