"""Pages for analysts, under /staff/cohorts/."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from apps.cohorts import export_views, report_job_views, report_views, schedule_views, views

app_name = "cohorts"


def _staff(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    _staff("report/", report_views.report, "report"),
    _staff("report/<slug:audience>.<slug:kind>", report_views.report_file, "report_file"),
    _staff("report/<slug:audience>/<slug:key>.csv", report_views.figure_file, "figure_file"),
    _staff("report/<slug:audience>/<slug:key>.json", report_views.figure_about, "figure_about"),
    _staff("reports/", report_job_views.ask, "report_ask"),
    _staff("reports/<uuid:report_id>/", report_job_views.report, "report_job"),
    _staff("reports/<uuid:report_id>/cancel/", report_job_views.cancel, "report_job_cancel"),
    _staff("reports/<uuid:report_id>/file.<slug:kind>", report_job_views.file, "report_job_file"),
    _staff("verdicts/", report_views.verdicts, "verdicts"),
    _staff("imported/<int:table_id>/", report_views.imported, "imported"),
    _staff(
        "imported/<int:table_id>/<slug:audience>.<slug:kind>", report_views.imported_file, "imported_file"
    ),
    _staff(
        "imported/<int:table_id>/<slug:audience>/<slug:key>.csv",
        report_views.imported_figure,
        "imported_figure",
    ),
    _staff(
        "imported/<int:table_id>/<slug:audience>/<slug:key>.json",
        report_views.imported_about,
        "imported_about",
    ),
    _staff("exports/", export_views.exports, "exports"),
    _staff("exports/<uuid:export_id>/", export_views.export, "export"),
    _staff("exports/<uuid:export_id>/again/", export_views.again, "export_again"),
    _staff("exports/<uuid:export_id>/cancel/", export_views.cancel, "export_cancel"),
    _staff("exports/<uuid:export_id>/file", export_views.file, "export_file"),
    _staff("schedules/", schedule_views.schedules, "schedules"),
    _staff("schedules/<int:schedule_id>/<slug:what>/", schedule_views.act, "schedule_act"),
    _staff("snapshots/", views.snapshots, "snapshots"),
    _staff("snapshots/<str:snapshot_id>/", views.snapshot, "snapshot"),
    _staff("snapshots/<str:snapshot_id>/exports/", export_views.ask, "export_ask"),
    _staff("snapshots/<str:snapshot_id>/compare/", views.compare, "compare"),
    _staff("snapshots/<str:snapshot_id>/<slug:name>.<str:ending>", views.download, "download"),
]
