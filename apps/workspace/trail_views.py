"""A clinic's trail as a file that an outsider can check, for who runs the clinic."""

from datetime import UTC, date, datetime, time, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.text import slugify

from apps.accounts.models import Clinic
from apps.admin import actor, now
from apps.audit.exporting import Part, text_of
from apps.audit.services import record
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act

EXPORT: Final = "audit.export"
ENDINGS: Final = {"csv": "csv", "json": "jsonl"}
IN_MEMORY: Final = 4 * 2**20
#: The window over a long trail sorts all of it; a worker is given up after 30 s.
LIMIT: Final = "SET LOCAL statement_timeout = '25s'"


class PartForm(forms.Form):
    clinic = forms.ModelChoiceField(Clinic.objects.none(), empty_label=None)
    since = forms.DateField(
        required=False,
        label="From",
        help_text="In UTC, as the trail is.",
        widget=forms.DateInput({"type": "date"}),
    )
    until = forms.DateField(
        required=False, label="Up to and including", widget=forms.DateInput({"type": "date"})
    )
    about = forms.CharField(
        required=False,
        max_length=64,
        label="Only this row",
        help_text="The id of one trial, patient or other row. Empty: the whole trail.",
    )
    form = forms.ChoiceField(label="As", choices=[("csv", "CSV"), ("json", "JSON, a row a line")])
    reason = forms.CharField(max_length=200, help_text="Who asks for it, and why; it stays in the trail.")

    def __init__(self, *args: Any, clinics: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clinic"].queryset = clinics  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "This day is before the first one: choose a later day, or none.")
        return data

    def part(self) -> Part:
        data = self.cleaned_data
        until = data["until"] + timedelta(days=1) if data["until"] else None
        return Part(data["clinic"].pk, _midnight(data["since"]), _midnight(until), data["about"])


def page(request: HttpRequest) -> HttpResponseBase:
    clinics = Clinic.objects.filter(pk__in=access_of(request).clinics(Act.ADD, resource=EXPORT)).order_by(
        "name"
    )
    if not clinics:
        raise PermissionDenied
    form = PartForm(request.POST if request.method == "POST" else None, clinics=clinics)
    if form.is_valid():
        return _file(request, form)
    context = admin.site.each_context(request) | {"title": "Export of the trail", "form": form}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "workspace/trail_export.html", context, status=status)


def _file(request: HttpRequest, form: PartForm) -> FileResponse:
    """Written whole before its first byte leaves, so that no broken file looks like a short one."""
    part, kind, at = form.part(), form.cleaned_data["form"], now()
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LIMIT)
        record(
            action="export",
            object_type="trail",
            object_id=part.clinic,
            by=actor(request),
            at=at,
            clinic_id=part.clinic,
            reason=form.cleaned_data["reason"],
            request_id=str(request.META.get("REQUEST_ID", "")),
            detail=part.said() | {"format": kind},
        )
        for text in text_of(part, is_csv=kind == "csv"):
            file.write(text.encode())
    file.seek(0)
    clinic = slugify(form.cleaned_data["clinic"].name)
    return FileResponse(file, as_attachment=True, filename=f"trail-{clinic}-{at:%Y-%m-%d}.{ENDINGS[kind]}")


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
