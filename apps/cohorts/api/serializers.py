"""Rows as answers to programs of analysts."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.accounts.models import ApiKey, Role
from apps.cohorts.downloads import OF_ALL, OF_TABLE
from apps.cohorts.models import ExportJob, ReportJob, ReportRun, ReportSchedule, Snapshot
from apps.cohorts.models.reports import KINDS
from apps.cohorts.models.schedules import ScheduleState
from sctrial.dictionary import read_cdisc, read_dictionary


def snapshot_json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.pk,
        "question": snapshot.question,
        "form": snapshot.form,
        "made_at": snapshot.made_at.isoformat(),
    }


def detail_json(snapshot: Snapshot) -> dict[str, Any]:
    manifest = snapshot.manifest
    return snapshot_json(snapshot) | {
        "engine": manifest["engine"],
        "rule_sets": manifest["rule_sets"],
        "tables": [{"name": name, **manifest["tables"][name]} for name in read_dictionary()],
        "cdisc_style": list(read_cdisc()),
        "formats": list(OF_TABLE),
        "formats_of_all": list(OF_ALL),
    }


def export_json(job: ExportJob, *, at: datetime) -> dict[str, Any]:
    instants = {name: getattr(job, name) for name in ("asked_at", "ended_at", "expires_at")}
    place = reverse("cohort-export-file", args=[job.pk])
    return {
        "id": str(job.pk),
        "snapshot": job.snapshot_id,
        "table": job.table,
        "format": job.kind,
        "state": job.state,
        "rows_done": job.rows_done,
        "rows_known": job.rows_known,
        "error": job.error,
        **{name: _iso(value) for name, value in instants.items()},
        "size": job.size,
        "sha256": job.sha256,
        "url": settings.PUBLIC_URL + place if job.is_there(at) else None,
    }


def report_job_json(job: ReportJob, *, at: datetime) -> dict[str, Any]:
    names = ("asked_at", "made_at", "ended_at", "expires_at")
    places = {kind: reverse("cohort-report-file", args=[job.pk, kind]) for kind in KINDS}
    return {
        "id": str(job.pk),
        "question": job.question,
        "audience": job.audience,
        "state": job.state,
        "error": job.error,
        **{name: _iso(getattr(job, name)) for name in names},
        "files": [{"kind": kind, "url": settings.PUBLIC_URL + place} for kind, place in places.items()]
        if job.is_there(at)
        else [],
    }


def schedule_json(schedule: ReportSchedule) -> dict[str, Any]:
    last = next(iter(schedule.runs.all()), None)
    return {
        "id": schedule.pk,
        "makes": schedule.makes,
        "question": schedule.question,
        "form": schedule.form or None,
        "audience": schedule.audience or None,
        "every": schedule.every,
        "day": schedule.day,
        "hour": schedule.hour,
        "clinic": schedule.clinic_id,
        "zone": schedule.clinic.zone,
        "state": schedule.state,
        "stopped_because": schedule.stopped_because,
        "made_at": schedule.made_at.isoformat(),
        "next_at": schedule.next_at.isoformat() if schedule.state == ScheduleState.ACTIVE else None,
        "last": _run_json(last) if last else None,
    }


def _run_json(run: ReportRun) -> dict[str, Any]:
    return {
        "due_at": run.due_at.isoformat(),
        "snapshot": run.snapshot_id,
        "report": str(run.report_id) if run.report_id else None,
        "error": run.error,
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def key_json(key: ApiKey) -> dict[str, Any]:
    places = key.user.memberships.filter(role__in=list(Role)).select_related("clinic").order_by("clinic_id")
    return {
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at.isoformat(),
        "person": key.user.get_username(),
        "clinics": [
            {"id": place.clinic_id, "name": place.clinic.name, "role": place.role} for place in places
        ],
    }
