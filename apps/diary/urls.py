"""Routes of the patient API."""

from django.urls import path

from apps.diary.views import BatchView, EntryView, PairingView

urlpatterns = [
    path("diary/entries/batch", BatchView.as_view(), name="diary-batch"),
    path("diary/entries/<str:entry_id>", EntryView.as_view(), name="diary-entry"),
    path("pairing", PairingView.as_view(), name="pairing"),
]
