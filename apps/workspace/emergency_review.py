"""What was opened in an emergency, what was read by it, and the judgement of who runs the clinic."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.emergency import (
    BY_EMERGENCY,
    Accesses,
    NoEmergency,
    assess_emergency,
    why_not_assessed,
)
from apps.accounts.models import ASSESSMENTS, EmergencyAccess
from apps.admin import now
from apps.audit.models import AuditEvent
from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.workspace.permissions import Access, access_of
from apps.workspace.rights import Act
from apps.workspace.spoken import speak

RESOURCE: Final = "accounts.emergencyaccess"
PAGE: Final = "admin:emergency_review"
TEMPLATE: Final = "workspace/emergency_review.html"
#: Told by their pseudonym; a row of the diary, by its number: its words are not for everybody.
NAMED: Final = frozenset({"patient", "stimulationtrial"})
#: Of those that are assessed; the trail has them all.
LAST: Final = 50


def readable(words: str) -> None:
    """A validator: spaces and single letters say nothing."""
    if len("".join(words.split())) < LEAST_READABLE:
        raise forms.ValidationError(_("Say it in at least %(n)s characters.") % {"n": LEAST_READABLE})


def sentence(refusal: object) -> str:
    return _(f"{capfirst(str(refusal))}.")


class AssessmentForm(forms.Form):
    assessment = forms.ChoiceField(label="Assessment", choices=[("", "---------"), *ASSESSMENTS.items()])
    assessment_words = forms.CharField(
        label="In words",
        max_length=LONGEST,
        validators=[readable],
        help_text="What you asked, and whom. It stays in the trail for good: do not name the patient.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        speak(self)


@dataclass(frozen=True, slots=True)
class Looked:
    """One record, or one list, and how often it was looked at."""

    what: str
    url: str
    times: int
    first: datetime


def listed_for(access: Access, *, at: datetime) -> dict[str, Any]:
    """For who runs a clinic: what waits, and what was assessed last."""
    rows = _rows(access)
    return {
        "runs_a_clinic": access.may(Act.VIEW, resource=RESOURCE),
        "waiting": list(rows.filter(assessed_at=None)),
        "assessed": list(rows.exclude(assessed_at=None)[:LAST]),
        "at": at,
    }


def to_assess(access: Access) -> Accesses | None:
    """The list that waits; None for who assesses nothing."""
    return _rows(access).filter(assessed_at=None) if access.may(Act.VIEW, resource=RESOURCE) else None


def _rows(access: Access) -> Accesses:
    clinics = access.clinics(Act.VIEW, resource=RESOURCE)
    rows = EmergencyAccess.objects.filter(clinic__in=clinics)
    return rows.select_related("user", "clinic", "assessed_by")


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, access_id: int) -> HttpResponse:
    row = _rows(access_of(request)).filter(pk=access_id).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _shown(request, row, AssessmentForm())
    form = AssessmentForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _assess(request, row, form)


def _assess(request: HttpRequest, row: EmergencyAccess, form: AssessmentForm) -> HttpResponse:
    user: Any = request.user
    said = form.cleaned_data
    try:
        assess_emergency(
            row,
            by=user,
            assessment=said["assessment"],
            words=said["assessment_words"],
            at=now(),
            request_id=str(request.META.get("REQUEST_ID", "")),
        )
    except NoEmergency as refusal:
        form.add_error(refusal.field or None, sentence(refusal))
        return _shown(request, row, form, status=HTTPStatus.CONFLICT)
    messages.success(request, _("Assessed."))
    return redirect("admin:emergency")


def _shown(
    request: HttpRequest, row: EmergencyAccess, form: AssessmentForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    user: Any = request.user
    why_not = why_not_assessed(row, by=user, at=now())
    context = admin.site.each_context(request) | {
        "title": _("Emergency access"),
        "row": row,
        "looked": looked_at_by(row),
        "form": form,
        "why_not": sentence(why_not) if why_not else "",
    }
    return TemplateResponse(request, TEMPLATE, context, status=status)


def looked_at_by(row: EmergencyAccess) -> list[Looked]:
    """What the read log of the clinic says was looked at by this access, in the order of the first look."""
    looks = AuditEvent.objects.filter(
        clinic_id=row.clinic_id, detail__has_key=BY_EMERGENCY, **{f"detail__{BY_EMERGENCY}": row.pk}
    )
    found = looks.order_by().values("object_type", "object_id")
    counted = found.annotate(times=Count("pk"), first=Min("at")).order_by("first")
    return [_looked(one["object_type"], one["object_id"], one["times"], one["first"]) for one in counted]


def _looked(kind: str, pk: str, times: int, first: datetime) -> Looked:
    models = (one for one in apps.get_models() if one._meta.model_name == kind)
    model = next(models, None)
    if model is None:
        return Looked(f"{kind} {pk}".strip(), "", times, first)
    if not pk:
        return Looked(f"List: {model._meta.verbose_name_plural}", "", times, first)
    seen = model._default_manager.filter(pk=pk).first() if kind in NAMED else None
    return Looked(f"{capfirst(str(model._meta.verbose_name))}: {seen or pk}", _url(model, pk), times, first)


def _url(model: Any, pk: str) -> str:
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""
