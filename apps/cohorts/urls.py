"""Pages for analysts, under /staff/cohorts/."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from apps.cohorts import views

app_name = "cohorts"


def _staff(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view), name=name)


urlpatterns = [
    _staff("snapshots/", views.snapshots, "snapshots"),
    _staff("snapshots/<str:snapshot_id>/", views.snapshot, "snapshot"),
    _staff("snapshots/<str:snapshot_id>/compare/", views.compare, "compare"),
    _staff("snapshots/<str:snapshot_id>/<slug:name>.<str:ending>", views.download, "download"),
]
