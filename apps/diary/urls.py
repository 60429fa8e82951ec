"""Routes of the patient API."""

from django.urls import path

from apps.diary import views

urlpatterns = [
    path("diary/entries/batch", views.BatchView.as_view(), name="diary-batch"),
    path("diary/entries/<str:entry_id>", views.EntryView.as_view(), name="diary-entry"),
    path("diary/entries", views.EntriesView.as_view(), name="diary-entries"),
    path("diary/today", views.TodayView.as_view(), name="diary-today"),
    path("diary/answers/<str:answer_id>", views.AnswerView.as_view(), name="diary-answer"),
    path("diary/corrections", views.CorrectionsView.as_view(), name="diary-corrections"),
    path("diary/corrections/<str:correction_id>", views.CorrectionView.as_view(), name="diary-correction"),
    path("consent/<str:consent_id>", views.ConsentView.as_view(), name="consent"),
    path("device", views.DeviceView.as_view(), name="device"),
    path("pairing", views.PairingView.as_view(), name="pairing"),
]
