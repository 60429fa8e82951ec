"""Decisions that what came later would change, as a plain address of the list of trials."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.outcomes.standing import changed_since_signing, would_now_differ

FOUND = {"differs": would_now_differ, "changed": changed_since_signing}


class SignedFilter(admin.SimpleListFilter):
    title = "what was signed"
    parameter_name = "signed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("differs", "Would now differ"), ("changed", "Evidence changed since")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = FOUND.get(self.value() or "")
        return found(queryset) if found else queryset
