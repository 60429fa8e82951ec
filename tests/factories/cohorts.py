"""A kept snapshot, however few patients there are, and a table from outside."""

from typing import Any

from apps.accounts.models import Clinic, Role, User
from apps.cohorts.frames import tables_of
from apps.cohorts.models import (
    ExportJob,
    ExportPart,
    OutcomeLine,
    OutcomeTable,
    ReportFile,
    ReportJob,
    ReportRun,
    ReportSchedule,
    Snapshot,
    SnapshotClinic,
    SnapshotTable,
)
from apps.cohorts.question import CohortQuestion
from apps.workspace.permissions import Access
from sctrial.arrow_tables import to_arrow, to_parquet
from sctrial.deidentify_tables import Form, columns_of
from sctrial.dictionary import read_dictionary
from sctrial.snapshots import make_id, make_manifest
from tests.factories.trials import NOW


def make_kept_snapshot(clinic: Clinic) -> Snapshot:
    """Of every trial of ``clinic``, in study days."""
    access, form = Access({clinic.pk: Role.ANALYST}), Form.STUDY_DAYS
    tables = {
        name: to_arrow(frame, columns_of(read_dictionary()[name], form=form))
        for name, frame in tables_of(CohortQuestion(), access=access, at=NOW).items()
    }
    manifest = make_manifest(tables, form=form.value, on=NOW.date())
    facts: dict[str, Any] = {"form": form.value, "made_on": NOW.date(), "manifest": manifest, "people": []}
    kept = Snapshot.objects.create(id=make_id(manifest), made_at=NOW, made_by="staff:1", **facts)
    SnapshotClinic.objects.create(snapshot=kept, clinic=clinic)
    for name, table in tables.items():
        SnapshotTable.objects.create(snapshot=kept, name=name, content=to_parquet(table))
    return kept


def make_export(snapshot: Snapshot, *, person: User) -> ExportJob:
    """A file that is being made, with its first part."""
    job = ExportJob.objects.create(
        snapshot=snapshot, table="daily", kind="csv", person=person, state="running", asked_at=NOW
    )
    ExportPart.objects.create(job=job, number=0, content=b"made up")
    return job


def make_report_job(clinic: Clinic, *, person: User) -> ReportJob:
    """A report that is being made, with its first file."""
    job = ReportJob.objects.create(
        person=person,
        question=f"clinic={clinic.pk}",
        audience="shared",
        clinic_ids=[clinic.pk],
        state="running",
        asked_at=NOW,
    )
    ReportFile.objects.create(job=job, kind="json", content=b"{}")
    return job


def make_schedule_row(clinic: Clinic, *, person: User) -> ReportSchedule:
    """Every Monday at six, with one run that came to nothing."""
    facts: dict[str, Any] = {"form": "study_days", "every": "week", "day": 1, "hour": 6}
    schedule = ReportSchedule.objects.create(
        person=person, clinic=clinic, question=f"clinic={clinic.pk}", next_at=NOW, made_at=NOW, **facts
    )
    ReportRun.objects.create(schedule=schedule, due_at=NOW, ran_at=NOW, error="made up", mailed_at=NOW)
    return schedule


def make_outcome_table(clinic: Clinic) -> OutcomeTable:
    """Of one made-up person."""
    names = ("name", "source", "licence", "outcome", "file_name", "mapping", "imported_by")
    facts: dict[str, Any] = dict.fromkeys(names, "made up") | {"file_sha256": "0" * 64, "report": {}}
    table = OutcomeTable.objects.create(clinic=clinic, imported_at=NOW, **facts)
    OutcomeLine.objects.create(table=table, subject="1", arm="all", before=8, after=3, line=2)
    return table
