"""Every route of the service."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from config.description import openapi
from config.health import livez, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    # Tried in this order, and most of all requests are answers.
    path("api/v1/", include("apps.diary.urls")),
    path("api/v1/", include("apps.cohorts.api.urls")),
    path("api/v1/openapi.yaml", openapi, name="openapi"),
    path("livez", livez),
    path("readyz", readyz),
    path("app/", include("apps.patient_app.urls")),
    path("staff/cohorts/", include("apps.cohorts.urls")),
    path("staff/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]

handler400 = "config.api.bad_request"
handler404 = "config.api.page_not_found"
handler500 = "config.api.server_error"
