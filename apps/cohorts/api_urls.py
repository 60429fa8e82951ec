"""Routes for programs of analysts."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from apps.cohorts import api_export_views, api_report_views, api_views


class UpToADot(StringConverter):
    """The name of a table: whatever it is, the answer is the view's, which asks first who asks."""

    regex = "[^/]*?"


register_converter(UpToADot, "up_to_a_dot")

urlpatterns = [
    path("cohorts/report", api_report_views.ReportView.as_view(), name="cohort-report"),
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
