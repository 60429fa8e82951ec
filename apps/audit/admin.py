"""The trail of who did what, clinic by clinic."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.admin import ReadOnlyAdmin, actor
from apps.audit.models import AuditEvent

#: Who looked at a record is for those who run the clinic; everybody sees their own looks.
LOOKS: Final = "audit.look"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "object_type", "object_id", "reason")
    list_filter = ("action", "object_type")
    search_fields = ("object_id", "actor")
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        clinics = self.access(request).clinics("view", resource=LOOKS)
        seen = ~Q(action="look") | Q(clinic_id__in=clinics) | Q(actor=actor(request))
        return super().get_queryset(request).filter(seen)
