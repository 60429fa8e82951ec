"""A place in a clinic for somebody who has an account: the link to it, and where it is taken."""

from http import HTTPStatus
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.joining import Offer, offer_place, open_offer, take_place
from apps.accounts.models import Clinic, User
from apps.accounts.people import CannotChange
from apps.admin import now
from apps.workspace.actors import ROLE_NAMES
from apps.workspace.emergency_review import sentence
from apps.workspace.people_forms import OfferForm
from apps.workspace.people_views import clinic_of
from apps.workspace.person_views import act_of

TAKE: Final = "admin:place_take"


@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, clinic_id: int) -> HttpResponse:
    clinic = clinic_of(request, clinic_id)
    if request.method != "POST":
        return _offer_page(request, clinic, OfferForm())
    form = OfferForm(request.POST)
    if not form.is_valid():
        return _offer_page(request, clinic, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    act = act_of(request, reason=said["reason"])
    try:
        made = offer_place(clinic, username=said["username"], role=said["role"], act=act)
    except CannotChange as refusal:
        form.add_error(refusal.field or None, sentence(refusal))
        return _offer_page(request, clinic, form, status=HTTPStatus.CONFLICT)
    address = settings.PUBLIC_URL + reverse(TAKE, args=[made.sealed])
    link = {"address": address, "until": made.until, "username": said["username"]}
    return _offer_page(request, clinic, OfferForm(), link=link)


@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, sealed_offer: str) -> HttpResponse:
    user = cast(User, request.user)
    if request.method == "POST":
        return _take(request, sealed_offer, user)
    found = open_offer(sealed_offer, user=user, at=now())
    return _take_page(request, found, status=HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)


def _take(request: HttpRequest, sealed: str, user: User) -> HttpResponse:
    request_id = str(request.META.get("REQUEST_ID", ""))
    place = take_place(sealed, user=user, at=now(), request_id=request_id)
    if place is None:
        return _take_page(request, None, status=HTTPStatus.NOT_FOUND)
    facts = {"clinic": place.clinic, "role": _(ROLE_NAMES[place.role])}
    messages.success(request, _("You work in %(clinic)s now. Your role there: %(role)s.") % facts)
    return redirect("admin:index")


def _offer_page(
    request: HttpRequest, clinic: Clinic, form: OfferForm, *, status: int = HTTPStatus.OK, link: Any = None
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Offer a place"),
        "clinic": clinic,
        "form": form,
        "link": link,
    }
    response = TemplateResponse(request, "workspace/offer_place.html", context, status=status)
    if link:
        response["Cache-Control"] = "no-store"
    return response


def _take_page(request: HttpRequest, found: Offer | None, *, status: int) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("A place in a clinic") if found else _("This link works no more"),
        "offer": found,
        "by": found.by.get_full_name() or found.by.get_username() if found else "",
        "role": _(ROLE_NAMES[found.role]) if found else "",
    }
    return TemplateResponse(request, "workspace/take_place.html", context, status=status)
