"""Routes for programs of analysts."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from apps.cohorts import (
    api_export_views,
    api_report_job_views,
    api_report_views,
    api_schedule_views,
    api_views,
)


class UpToADot(StringConverter):
    """The name of a table: whatever it is, the answer is the view's, which asks first who asks."""

    regex = "[^/]*?"


register_converter(UpToADot, "up_to_a_dot")

urlpatterns = [
    path("cohorts/report", api_report_views.ReportView.as_view(), name="cohort-report"),
    path("cohorts/reports", api_report_job_views.ReportsView.as_view(), name="cohort-reports"),
    path(
        "cohorts/reports/<str:report_id>",
        api_report_job_views.ReportJobView.as_view(),
        name="cohort-report-job",
    ),
    path(
        "cohorts/reports/<str:report_id>/cancel",
        api_report_job_views.CancelView.as_view(),
        name="cohort-report-cancel",
    ),
    path(
        "cohorts/reports/<str:report_id>/file.<str:kind>",
        api_report_job_views.FileView.as_view(),
        name="cohort-report-file",
    ),
    path("cohorts/schedules", api_schedule_views.SchedulesView.as_view(), name="cohort-schedules"),
    path(
        "cohorts/schedules/<str:schedule_id>",
        api_schedule_views.ScheduleView.as_view(),
        name="cohort-schedule",
    ),
    path(
        "cohorts/schedules/<str:schedule_id>/pause",
        api_schedule_views.PauseView.as_view(),
        name="cohort-schedule-pause",
    ),
    path(
        "cohorts/schedules/<str:schedule_id>/resume",
        api_schedule_views.ResumeView.as_view(),
        name="cohort-schedule-resume",
    ),
    path("cohorts/exports", api_export_views.OwnExportsView.as_view(), name="cohort-exports"),
    path("cohorts/snapshots", api_views.SnapshotsView.as_view(), name="cohort-snapshots"),
    path("cohorts/snapshots/<str:snapshot_id>", api_views.SnapshotView.as_view(), name="cohort-snapshot"),
    path("cohorts/snapshots/<str:snapshot_id>/links", api_views.LinksView.as_view(), name="cohort-new-link"),
    path(
        "cohorts/snapshots/<str:snapshot_id>/exports",
        api_export_views.ExportsView.as_view(),
        name="cohort-new-export",
    ),
    path("cohorts/exports/<str:export_id>", api_export_views.ExportView.as_view(), name="cohort-export"),
    path(
        "cohorts/exports/<str:export_id>/cancel",
        api_export_views.CancelView.as_view(),
        name="cohort-export-cancel",
    ),
    path(
        "cohorts/exports/<str:export_id>/file",
        api_export_views.ExportFileView.as_view(),
        name="cohort-export-file",
    ),
    path(
        "cohorts/snapshots/<str:snapshot_id>/<up_to_a_dot:table>.<str:ending>",
        api_views.FileView.as_view(),
        name="cohort-file",
    ),
    path("cohorts/links/<str:sealed>", api_views.LinkedFileView.as_view(), name="cohort-link"),
    path("key", api_views.OwnKeyView.as_view(), name="own-key"),
]
