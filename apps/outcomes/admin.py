"""Frozen evidence and the verdicts on it: read, never written."""

from django.contrib import admin

from apps.admin import ReadOnlyAdmin
from apps.outcomes.models import Assessment, Evidence


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    clinic_path = "trial__clinic_id"
    list_display = ("trial", "rule_set_id", "rule_set_version", "answer", "assessed_at")
    list_filter = ("answer", "rule_set_id")
    search_fields = ("trial__patient__pseudonym", "evidence_digest")
    list_select_related = ("trial__patient",)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    clinic_path = "trial__clinic_id"
    list_display = ("trial", "digest", "frozen_at")
    search_fields = ("trial__patient__pseudonym", "digest")
    list_select_related = ("trial__patient",)
