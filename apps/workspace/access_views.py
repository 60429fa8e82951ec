"""Who can come in, and how to end it at once: for oneself everywhere, for others by who runs the clinic."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from apps.accounts.ending import Why, end_access
from apps.accounts.models import User
from apps.admin import actor, now
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act

ACCESS: Final = "accounts.access"
PAGE: Final = "admin:access"
GOOD: Final = Count("api_keys", filter=Q(api_keys__revoked_at__isnull=True), distinct=True)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200)


def page(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    context = admin.site.each_context(request) | {
        "title": gettext("Sessions and access"),
        "own_keys": User.objects.filter(pk=user.pk).annotate(good=GOOD).get().good,
        "sees_others": access_of(request).may(Act.CHANGE, resource=ACCESS),
        "others": [_row(user) for user in _others(request).annotate(good=GOOD).order_by("username")],
    }
    return TemplateResponse(request, "workspace/access.html", context)


def _row(user: Any) -> dict[str, Any]:
    places = [
        f"{place.clinic}: {gettext(place.get_role_display().partition(':')[0])}"
        for place in user.memberships.all()
    ]
    return {"user": user, "places": places, "keys": user.good}


def _others(request: HttpRequest) -> QuerySet[User]:
    """People whose access this person may end: who works, or has worked, in one of their clinics."""
    user: Any = request.user
    access = access_of(request)
    people = User.objects.exclude(pk=user.pk).prefetch_related("memberships__clinic")
    if access.everywhere(Act.CHANGE, resource=ACCESS):
        return people
    clinics = access.clinics(Act.CHANGE, resource=ACCESS)
    return people.filter(pk__in=User.objects.filter(memberships__clinic__in=clinics))


@require_POST
def end_own(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    end_access(user, why=Why.BY_THEMSELVES, by=actor(request), at=now(), request_id=_id_of(request))
    logout(request)
    return redirect("admin:login")


@require_POST
def end(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _others(request).filter(pk=user_id).first()
    if user is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Nothing was ended: give a reason of at most 200 characters."))
        return redirect(PAGE)
    reason = form.cleaned_data["reason"]
    keys = end_access(
        user, why=Why.BY_AN_ADMIN, by=actor(request), at=now(), reason=reason, request_id=_id_of(request)
    )
    revoked = f" {keys} API key{'s' * (keys != 1)} revoked." if keys else ""
    messages.success(request, f"From the next request on {user} is signed out everywhere.{revoked}")
    return redirect(PAGE)


def _id_of(request: HttpRequest) -> str:
    return str(request.META.get("REQUEST_ID", ""))
