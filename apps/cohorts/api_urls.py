"""Routes for programs of analysts."""

from django.urls import path

from apps.cohorts import api_views

urlpatterns = [
    path("key", api_views.OwnKeyView.as_view(), name="own-key"),
]
