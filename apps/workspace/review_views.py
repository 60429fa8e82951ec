"""*Review of the trail*: four lists over some days of one clinic, each also as a file."""

import csv
import json
from datetime import date
from functools import partial
from io import StringIO
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import slugify
from django.utils.translation import gettext

from apps.accounts.models import Clinic
from apps.admin import actor, now
from apps.audit.services import record
from apps.workspace.permissions import access_of
from apps.workspace.review import (
    A_DAY,
    DAYS,
    KINDS,
    REVIEW,
    Kind,
    Listed,
    days_of,
    limits,
    listed,
    lists_of,
    today_of,
    url_of,
)
from apps.workspace.rights import Act
from apps.workspace.spoken import speak
from sctrial.trail import safe_cell

#: Of a longer time the trail itself is the better file.
LONGEST: Final = 366
ROWS_SHOWN: Final = 100
FORMS: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
#: The browser's own calendar, which takes a day with the year first.
DAY: Final = partial(forms.DateInput, {"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    clinic = forms.ModelChoiceField(Clinic.objects.none(), empty_label=None, label="Clinic")
    since = forms.DateField(label="From", widget=DAY())
    until = forms.DateField(label="Up to and including", widget=DAY())

    def __init__(self, *args: Any, clinics: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = clinics  # type: ignore[attr-defined]
        speak(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one: choose a later day."))
        elif since and until and (until - since).days >= LONGEST:
            words = gettext("Choose at most %(days)s days, or take the export of the trail.")
            self.add_error("until", words % {"days": LONGEST})
        return data


def page(request: HttpRequest) -> HttpResponse:
    clinics = Clinic.objects.filter(pk__in=access_of(request).clinics(Act.VIEW, resource=REVIEW))
    first = clinics.order_by("name").first()
    if first is None:
        raise PermissionDenied
    form = PeriodForm(_asked(request, first), clinics=clinics.order_by("name"))
    if not form.is_valid():
        return _page(request, form, status=422)
    clinic, since, until = (form.cleaned_data[name] for name in ("clinic", "since", "until"))
    kind = next((kind for kind in KINDS if kind.code == request.GET.get("list")), None)
    if kind is not None and request.GET.get("as") in FORMS:
        return _file(request, kind, clinic, since, until)
    _leave(request, "look", clinic, since, until)
    lists = lists_of(days_of(clinic, since, until), limits=limits())
    shown = [_with_files(one, clinic, since, until) for one in lists]
    return _page(request, form, lists=shown, clinic=clinic, since=since, until=until)


def _asked(request: HttpRequest, clinic: Clinic) -> dict[str, Any]:
    """What the address says; the last days where it says nothing."""
    today = today_of(clinic, at=now())
    usual = {"clinic": clinic.pk, "since": today - (DAYS - 1) * A_DAY, "until": today}
    return {name: request.GET.get(name, value) for name, value in usual.items()}


def _with_files(one: Listed, clinic: Clinic, since: date, until: date) -> dict[str, Any]:
    files = {
        form.upper(): url_of(clinic.pk, since, until, list=one.kind.code, **{"as": form}) for form in FORMS
    }
    return {"list": one, "rows": one.rows[:ROWS_SHOWN], "more": len(one.rows) - ROWS_SHOWN, "files": files}


def _page(request: HttpRequest, form: PeriodForm, *, status: int = 200, **more: Any) -> TemplateResponse:
    context = admin.site.each_context(request) | {"title": gettext("Review of the trail"), "form": form}
    return TemplateResponse(request, "workspace/review.html", context | more, status=status)


def _file(request: HttpRequest, kind: Kind, clinic: Clinic, since: date, until: date) -> HttpResponse:
    """All rows of one list, with the pages of their records."""
    form = request.GET["as"]
    _leave(request, "export", clinic, since, until, list=kind.code, format=form)
    found = listed(kind, days_of(clinic, since, until), limits=limits())
    columns = [*kind.columns, "Page"]
    rows = [[*row.cells, request.build_absolute_uri(row.url)] for row in found.rows]
    text = _csv(columns, rows) if form == "csv" else _json(columns, rows)
    answer = HttpResponse(text, content_type=FORMS[form])
    name = f"review-{kind.code}-{slugify(clinic.name)}-{since}-{until}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _csv(columns: list[str], rows: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([columns, *([safe_cell(cell) for cell in row] for row in rows)])
    return text.getvalue()


def _json(columns: list[str], rows: list[list[str]]) -> str:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)


def _leave(request: HttpRequest, action: str, clinic: Clinic, since: date, until: date, **more: str) -> None:
    """Who reviewed which days; a list is no record of anybody, so the event names none."""
    record(
        action=action,
        object_type="review",
        object_id="",
        by=actor(request),
        at=now(),
        clinic_id=clinic.pk,
        request_id=str(request.META.get("REQUEST_ID", "")),
        detail={"since": since.isoformat(), "until": until.isoformat()} | more,
    )
