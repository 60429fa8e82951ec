"""The people of a clinic: who they are, and a person more."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Clinic
from apps.accounts.people import CannotChange, add_person
from apps.workspace.emergency_review import sentence
from apps.workspace.people_forms import PersonForm
from apps.workspace.permissions import access_of
from apps.workspace.person_views import act_of, invite
from apps.workspace.rights import Act
from apps.workspace.team import RESOURCE, teams_of

PERSON: Final = "accounts.user"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    teams = teams_of(access_of(request))
    if not teams:
        raise PermissionDenied
    context = admin.site.each_context(request) | {"title": _("People of the clinic"), "teams": teams}
    return TemplateResponse(request, "workspace/people.html", context)


@require_http_methods(["GET", "POST"])
@sensitive_variables("made")
def add(request: HttpRequest, clinic_id: int) -> HttpResponse:
    clinic = clinic_of(request, clinic_id)
    if request.method != "POST":
        return _shown(request, clinic, PersonForm())
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _shown(request, clinic, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        place = add_person(clinic, form.newcomer(), act=act_of(request, reason=form.cleaned_data["reason"]))
    except CannotChange as refusal:
        form.add_error(refusal.field or None, sentence(refusal))
        return _shown(request, clinic, form, status=HTTPStatus.CONFLICT)
    return invite(request, place)


def clinic_of(request: HttpRequest, pk: int) -> Clinic:
    access = access_of(request)
    held = [access.clinics(Act.ADD, resource=resource) for resource in (RESOURCE, PERSON)]
    clinics = frozenset.intersection(*held)
    if not clinics:
        raise PermissionDenied
    clinic = Clinic.objects.filter(pk=pk, pk__in=clinics).first()
    if clinic is None:
        raise Http404
    return clinic


def _shown(request: HttpRequest, clinic: Clinic, form: PersonForm, *, status: int = HTTPStatus.OK) -> Any:
    context = admin.site.each_context(request) | {
        "title": _("Add a person"),
        "clinic": clinic,
        "form": form,
    }
    return TemplateResponse(request, "workspace/add_person.html", context, status=status)
