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
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.services import record_in
from apps.cohorts import downloads, mailing
from apps.cohorts.job_tables import LIVE, ExportJob, ExportPart, ExportState
from apps.cohorts.models import Snapshot
from apps.cohorts.selectors import open_snapshots
from apps.workspace.permissions import Access, read_access

#: How many files one person may have in the making.
MOST_LIVE: Final = 20
#: Begun so often without a finished part, a job is given up.
MOST_TRIES: Final = 3
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
    if ExportJob.objects.filter(person=person, state__in=LIVE).count() >= MOST_LIVE:
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


@transaction.atomic
def begin(job_id: UUID, *, at: datetime) -> ExportJob | None:
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


def _locked(job_id: UUID) -> ExportJob | None:
    live = ExportJob.objects.select_for_update(of=("self",), no_key=True).filter(pk=job_id, state__in=LIVE)
    return live.select_related("snapshot", "person").first()


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
        job = _locked(job_id)
        if job is None:
            return
        if digest.hexdigest() != (_promised(job) or digest.hexdigest()):
            _end(job, ExportState.FAILED, at=at, error=OTHER_BYTES)
            return
        job.sha256, job.size, job.expires_at = digest.hexdigest(), size, at + timedelta(days=days)
        _end(job, ExportState.DONE, at=at)


def _promised(job: ExportJob) -> str:
    """The digest of this very file, where the snapshot holds one."""
    tables = job.snapshot.manifest["tables"]
    return tables[job.table]["sha256"] if job.kind == "csv" and job.table in tables else ""


@transaction.atomic
def fail(job_id: UUID, *, error: str, at: datetime) -> None:
    job = _locked(job_id)
    if job is not None:
        _end(job, ExportState.FAILED, at=at, error=error)


@transaction.atomic
def cancel(job_id: UUID, *, by: str, at: datetime, request_id: str = "") -> bool:
    """Whether there was something to cancel. A worker that is at it finds out at its next part."""
    job = _locked(job_id)
    if job is not None:
        _end(job, ExportState.CANCELLED, at=at, by=by, request_id=request_id)
    return job is not None


def _end(
    job: ExportJob,
    state: ExportState,
    *,
    at: datetime,
    by: str = "system",
    error: str = "",
    request_id: str = "",
) -> None:
    job.state, job.ended_at, job.error = state, at, error
    job.save(update_fields=["state", "ended_at", "error", "sha256", "size", "expires_at"])
    if state is not ExportState.DONE:
        job.parts.all().delete()
    _trace(f"export_{state}", job, by=by, at=at, request_id=request_id, sha256=job.sha256)


def _trace(action: str, job: ExportJob, *, by: str, at: datetime, request_id: str = "", **more: Any) -> None:
    detail = {"snapshot": job.snapshot_id, "table": job.table, "format": job.kind, "for": job.person_id}
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


def tell(job_id: UUID, *, at: datetime) -> None:
    """One mail when the job has ended, claimed before it is sent (docs/adr/0009)."""
    if not _untold().filter(pk=job_id).update(mailed_at=at):
        return
    job = ExportJob.objects.select_related("person").get(pk=job_id)
    is_ready = job.state == ExportState.DONE
    words = mailing.READY.format(until=f"{job.expires_at:%d %B %Y}") if is_ready else mailing.NOT_MADE
    result = mailing.send_link(
        job.person,
        title="Your file is ready" if is_ready else "Your file was not made",
        words=words,
        path=reverse("cohorts:export", args=[job.pk]),
    )
    if not result.ok:
        ExportJob.objects.filter(pk=job_id).update(mail_error=result.detail[:120])


def _untold() -> QuerySet[ExportJob]:
    ended = (ExportState.DONE, ExportState.FAILED)
    return ExportJob.objects.filter(wants_mail=True, mailed_at=None, state__in=ended)


def unfinished() -> list[UUID]:
    """Jobs that somebody still waits for: to be made, or to hear of."""
    jobs = ExportJob.objects.filter(Q(state__in=LIVE) | Q(pk__in=_untold().values("pk")))
    return list(jobs.order_by("asked_at", "pk").values_list("pk", flat=True))


def forget_expired(*, at: datetime) -> int:
    """Drop the bytes of files whose days are over; their rows and the trail stay."""
    return ExportPart.objects.filter(job__expires_at__lte=at).delete()[0]
