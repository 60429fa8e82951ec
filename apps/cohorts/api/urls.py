"""Routes for programs of analysts."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from apps.cohorts.api import (
    export_views,
    report_job_views,
    report_views,
    schedule_views,
    views,
)


class UpToADot(StringConverter):
    """The name of a table: whatever it is, the answer is the view's, which asks first who asks."""

    regex = "[^/]*?"


register_converter(UpToADot, "up_to_a_dot")

urlpatterns = [
    path("cohorts/report", report_views.ReportView.as_view(), name="cohort-report"),
    path("cohorts/reports", report_job_views.ReportsView.as_view(), name="cohort-reports"),
    path(
        "cohorts/reports/<str:report_id>",
        report_job_views.ReportJobView.as_view(),
        name="cohort-report-job",
    ),
    path(
        "cohorts/reports/<str:report_id>/cancel",
        report_job_views.CancelView.as_view(),
        name="cohort-report-cancel",
    ),
    path(
        "cohorts/reports/<str:report_id>/file.<str:kind>",
        report_job_views.FileView.as_view(),
        name="cohort-report-file",
    ),
    path("cohorts/schedules", schedule_views.SchedulesView.as_view(), name="cohort-schedules"),
    path(
        "cohorts/schedules/<str:schedule_id>",
        schedule_views.ScheduleView.as_view(),
        name="cohort-schedule",
    ),
    path(
        "cohorts/schedules/<str:schedule_id>/pause",
        schedule_views.PauseView.as_view(),
        name="cohort-schedule-pause",
    ),
    path(
        "cohorts/schedules/<str:schedule_id>/resume",
        schedule_views.ResumeView.as_view(),
        name="cohort-schedule-resume",
    ),
    path("cohorts/exports", export_views.OwnExportsView.as_view(), name="cohort-exports"),
    path("cohorts/snapshots", views.SnapshotsView.as_view(), name="cohort-snapshots"),
    path("cohorts/snapshots/<str:snapshot_id>", views.SnapshotView.as_view(), name="cohort-snapshot"),
    path("cohorts/snapshots/<str:snapshot_id>/links", views.LinksView.as_view(), name="cohort-new-link"),
    path(
        "cohorts/snapshots/<str:snapshot_id>/exports",
        export_views.ExportsView.as_view(),
        name="cohort-new-export",
    ),
    path("cohorts/exports/<str:export_id>", export_views.ExportView.as_view(), name="cohort-export"),
    path(
        "cohorts/exports/<str:export_id>/cancel",
        export_views.CancelView.as_view(),
        name="cohort-export-cancel",
    ),
    path(
        "cohorts/exports/<str:export_id>/file",
        export_views.ExportFileView.as_view(),
        name="cohort-export-file",
    ),
    path(
        "cohorts/snapshots/<str:snapshot_id>/<up_to_a_dot:table>.<str:ending>",
        views.FileView.as_view(),
        name="cohort-file",
    ),
    path("cohorts/links/<str:sealed>", views.LinkedFileView.as_view(), name="cohort-link"),
    path("key", views.OwnKeyView.as_view(), name="own-key"),
]
