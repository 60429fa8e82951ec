"""Rows as answers to programs of analysts."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.accounts.models import ApiKey, Role
from apps.cohorts.downloads import OF_TABLE
from apps.cohorts.models import ExportJob, Snapshot
from sctrial.dictionary import read_dictionary


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
        "formats": list(OF_TABLE),
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
        **{name: value and value.isoformat() for name, value in instants.items()},
        "size": job.size,
        "sha256": job.sha256,
        "url": settings.PUBLIC_URL + place if job.is_there(at) else None,
    }


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
