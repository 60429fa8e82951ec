"""The trail of who did what, clinic by clinic."""

from datetime import timedelta
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.admin import ReadOnlyAdmin, actor
from apps.audit.clock import step_of, with_places

#: Who looked at a record is for those who run the clinic; everybody sees their own looks.
LOOKS: Final = "audit.look"


class AuditEventAdmin(ReadOnlyAdmin):
    """Registered above, where the names of actors are known."""

    list_display = ("place", "at", "clock", "actor", "action", "object_type", "object_id", "reason")
    list_display_links = ("at",)
    readonly_fields: ClassVar[tuple[str, ...]] = ("place", "clock")
    # By their numbers alone, newest first: an order by a clock would put a step of it out of order.
    sortable_by = ()
    list_filter = ("action", "object_type")
    search_fields = ("object_id", "actor")
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        clinics = self.access(request).clinics("view", resource=LOOKS)
        seen = ~Q(action="look") | Q(clinic_id__in=clinics) | Q(actor=actor(request))
        return with_places(super().get_queryset(request).filter(seen))

    @admin.display(description="clinic/no.")
    def place(self, event: Any) -> str:
        return f"{event.chain}/{event.place}"

    @admin.display(description="clock")
    def clock(self, event: Any) -> str:
        step = step_of(event)
        return f"stepped back by {timedelta(seconds=round(step.total_seconds()))}" if step else ""
