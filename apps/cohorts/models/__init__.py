"""Snapshots, the files and reports made in the background, schedules, imported tables."""

from apps.cohorts.models.jobs import ExportJob, ExportPart
from apps.cohorts.models.outcomes import OutcomeLine, OutcomeTable
from apps.cohorts.models.reports import ReportFile, ReportJob
from apps.cohorts.models.schedules import ReportRun, ReportSchedule
from apps.cohorts.models.snapshots import FORMS, Snapshot, SnapshotClinic, SnapshotTable

__all__ = [
    "FORMS",
    "ExportJob",
    "ExportPart",
    "OutcomeLine",
    "OutcomeTable",
    "ReportFile",
    "ReportJob",
    "ReportRun",
    "ReportSchedule",
    "Snapshot",
    "SnapshotClinic",
    "SnapshotTable",
]
