"""The list of the trail, as the people who run a clinic read it: with names and roles for actors."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.accounts.models import User
from apps.audit.admin import AuditEventAdmin
from apps.workspace.actors import words_at


class TrailAdmin(AuditEventAdmin):
    list_display = ("place", "at", "clock", "who", "action", "object_type", "object_id", "reason")
    readonly_fields: ClassVar[tuple[str, ...]] = ("place", "clock", "who")
    search_help_text = "A person's name, staff:7, or the number of what it is about"

    @admin.display(description="who")
    def who(self, event: Any) -> str:
        return event.who if hasattr(event, "who") else words_of([event])[0]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Names and roles of a whole page of the list at once."""
        changelist = super().get_changelist_instance(request)
        events = list(changelist.result_list)
        for event, words in zip(events, words_of(events), strict=True):
            event.who = words
        changelist.result_list = events
        return changelist

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        people = people_named(search_term)
        return (found | queryset.filter(actor__in=people), may_repeat) if people else (found, may_repeat)


def words_of(events: Iterable[Any]) -> list[str]:
    return words_at([(event.actor, event.at, event.clinic_id) for event in events])


def people_named(words: str) -> list[str]:
    """The actors whose name has every one of the words in it."""
    asked = words.split()
    found = User.objects.filter(*(_has(word) for word in asked)) if asked else User.objects.none()
    return [f"staff:{pk}" for pk in found.values_list("pk", flat=True)]


def _has(word: str) -> Q:
    names = ("username", "first_name", "last_name")
    return Q(*((f"{name}__icontains", word) for name in names), _connector=Q.OR)
