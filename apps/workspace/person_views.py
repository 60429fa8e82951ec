"""One person of a clinic: another role, the end of the membership, and the link to a first password."""

from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.first_password import GOOD_FOR, Link, make_link, why_no_link
from apps.accounts.models import FORMER, StaffMembership
from apps.accounts.people import Act, CannotChange, change_role, locked, why_not_changed
from apps.admin import now
from apps.diary.channels import Message
from apps.drawn import NAME, Shown, changed_since, drawn, stamp_of
from apps.workspace.emergency_review import sentence
from apps.workspace.people_forms import EndForm, RoleForm
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act as Right
from apps.workspace.team import RESOURCE, colleague_of
from apps.workspace.telling import tell

PAGE: Final = "admin:person"
#: What of a membership the page shows and changes.
SHOWN: Final = ("role",)


def act_of(request: HttpRequest, *, reason: str = "") -> Act:
    user: Any = request.user
    return Act(user, at=now(), reason=reason, request_id=str(request.META.get("REQUEST_ID", "")))


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, place_id: int) -> HttpResponse:
    place = _place(request, place_id)
    return _change(request, place) if request.method == "POST" else _shown(request, place)


def _place(request: HttpRequest, pk: int) -> StaffMembership:
    clinics = access_of(request).clinics(Right.CHANGE, resource=RESOURCE)
    if not clinics:
        raise PermissionDenied
    rows = StaffMembership.objects.filter(pk=pk, clinic__in=clinics)
    place = rows.select_related("user", "clinic").first()
    if place is None:
        raise Http404
    return place


@transaction.atomic
def _change(request: HttpRequest, place: StaffMembership) -> HttpResponse:
    stored = locked(place)
    sent: type[RoleForm] = EndForm if request.POST.get("role") == FORMER else RoleForm
    form = drawn(sent, look=lambda stamp: changed_since(stamp, rows=[Shown(stored, SHOWN)], at=now()))(
        request.POST
    )
    if not form.is_valid():
        status = HTTPStatus.CONFLICT if form.meanwhile else HTTPStatus.UNPROCESSABLE_ENTITY
        return _shown(request, stored, form, status=status)
    said = form.cleaned_data
    try:
        change_role(stored, role=said["role"], act=act_of(request, reason=said["reason"]))
    except CannotChange as refusal:
        form.add_error(refusal.field or None, sentence(refusal))
        return _shown(request, locked(place), form, status=HTTPStatus.CONFLICT)
    messages.success(
        request, _("Changed. What the person had open has ended; the next sign-in has the new role.")
    )
    return redirect(PAGE, stored.pk)


@require_POST
def link(request: HttpRequest, place_id: int) -> HttpResponse:
    return invite(request, _place(request, place_id))


@sensitive_variables("made", "address", "told")
def invite(request: HttpRequest, place: StaffMembership) -> HttpResponse:
    """The address is shown this once, to be handed over, and mailed where there is mail."""
    try:
        made = make_link(place, act=act_of(request))
    except CannotChange as refusal:
        messages.error(request, sentence(refusal))
        return redirect(PAGE, place.pk)
    address = settings.PUBLIC_URL + reverse("admin:first_password", args=[made.sealed])
    is_mailed = tell(place.user.email, _invitation(place, made, address))
    told = {"address": address, "until": made.until, "is_mailed": is_mailed}
    response = _shown(request, place, link=told)
    response["Cache-Control"] = "no-store"
    return response


def _invitation(place: StaffMembership, made: Link, address: str) -> Message:
    return Message(
        f"Your account at {place.clinic}",
        f"You were added to {place.clinic} under the user name {place.user.get_username()}. "
        f"Set your password before {made.until:%Y-%m-%d %H:%M} UTC; the address works once:\n\n{address}\n",
    )


def _shown(
    request: HttpRequest,
    place: StaffMembership,
    form: Any = None,
    *,
    status: int = HTTPStatus.OK,
    link: Any = None,
) -> HttpResponse:
    user: Any = request.user
    why_not = why_not_changed(place, by=user)
    ends = isinstance(form, EndForm)
    meanwhile = getattr(form, "meanwhile", None)
    who = colleague_of(place)
    context = admin.site.each_context(request) | {
        "title": who.name,
        "who": who,
        "place": place,
        "is_former": place.role == FORMER,
        "why_not": sentence(why_not) if why_not else "",
        "form": form if form and not ends else RoleForm(initial=_role_of(place)),
        "end_form": form if ends else EndForm(auto_id="end_%s"),
        "link": link,
        "may_link": not why_no_link(place, by=user),
        "days": GOOD_FOR.days,
        NAME: meanwhile.stamp if meanwhile else stamp_of([Shown(place, SHOWN)], at=now()),
        "meanwhile": meanwhile and meanwhile.lines,
        "meanwhile_by": meanwhile and meanwhile.by,
    }
    return TemplateResponse(request, "workspace/person.html", context, status=status)


def _role_of(place: StaffMembership) -> dict[str, str]:
    return {} if place.role == FORMER else {"role": place.role}
