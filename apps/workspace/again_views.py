"""After a session was closed while somebody wrote: what was typed, to be sent now or thrown away."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.workspace.idle import KEPT


def page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        request.session.pop(KEPT, None)
        messages.success(request, "What was typed is thrown away. Nothing was stored.")
        return redirect("admin:index")
    kept: dict[str, Any] = request.session.get(KEPT) or {}
    context = admin.site.each_context(request) | {
        "title": "Not stored yet",
        "kept": kept,
        "fields": [(name, value) for name, values in kept.get("fields", {}).items() for value in values],
        "shown": _shown(kept),
    }
    response = TemplateResponse(request, "workspace/again.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _shown(kept: dict[str, Any]) -> list[tuple[str, str]]:
    """For people: what a form sends for itself, such as ``_save``, is no text of theirs."""
    rows = ((name, ", ".join(filter(None, values))) for name, values in kept.get("fields", {}).items())
    return [
        (name.replace("_", " ").replace("-", " ").capitalize(), text)
        for name, text in rows
        if text and not name.startswith("_") and not name.endswith(("_FORMS", "-id"))
    ]
