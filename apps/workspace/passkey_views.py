"""One's own passkeys: the challenge that a form is signed with, a new passkey in two steps, its removal."""

import json
from typing import Any, Final

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from apps.accounts.enrolling import check_name, enrol_passkey, remove_passkey
from apps.accounts.factors import WrongCredentials, factors_of, has_factor, reauthenticate
from apps.accounts.passkeys import options_to_make, options_to_prove, rows_of
from apps.admin import now
from apps.workspace.factor_views import PasskeyForm, show
from apps.workspace.proving import ProofForm, asked_for, new_challenge, presented_in
from apps.workspace.telling import tell_of_tries

PAGE: Final = "admin:second_factor"
NEW: Final = "new_passkey"


@require_POST
@sensitive_post_parameters()
def challenge(request: HttpRequest) -> HttpResponse:
    """For the form that will be sent to ``for``, filled in as it is here."""
    user: Any = request.user
    fresh = new_challenge(request, at=now())
    asked = asked_for(request.GET.get("for", ""), request.POST)
    options = options_to_prove(user, fresh.bytes_for(asked))
    if not options:
        words = _("You have no passkey. Use the code, or make one under “Second factor”.")
        return JsonResponse({"detail": words}, status=409)
    return JsonResponse(options)


@require_POST
@sensitive_post_parameters()
def add(request: HttpRequest) -> HttpResponse:
    """Who asks proves it by the factors there are; then the browser is asked to make the passkey."""
    user: Any = request.user
    known = factors_of(user)
    form = PasskeyForm(request.POST, with_factor=bool(known))
    if not form.is_valid():
        return show(request, adding=form, status=422)
    try:
        check_name(user, form.cleaned_data["name"])
        _prove(request, form)
    except WrongCredentials as refusal:
        form.add_error(None, str(refusal))
        return show(request, adding=form, status=403)
    return _ask_device(request, name=form.cleaned_data["name"], known=known)


def _ask_device(request: HttpRequest, *, name: str, known: list[int]) -> HttpResponse:
    user: Any = request.user
    request.session[NEW] = {"name": name, "known": known}
    asked = asked_for(reverse("admin:passkey_made"), QueryDict())
    options = options_to_make(user, new_challenge(request, at=now()).bytes_for(asked))
    page = {"title": _("Second factor"), "name": name, "options": json.dumps(options)}
    context = admin.site.each_context(request) | page
    return TemplateResponse(request, "workspace/make_passkey.html", context)


@require_POST
@sensitive_post_parameters()
@sensitive_variables("codes")
def made(request: HttpRequest) -> HttpResponse:
    """What the device made; taken while nothing has changed since its owner was asked who they are."""
    user: Any = request.user
    new, presented = request.session.pop(NEW, None), presented_in(request)
    if new is None or presented is None:
        words = _("No passkey came with this. Begin again under “Make a passkey”.")
        return show(request, refusal=words, status=409)
    try:
        codes = enrol_passkey(user, presented, name=new["name"], known=new["known"], at=now())
    except WrongCredentials as refusal:
        return show(request, refusal=str(refusal), status=403)
    if codes:
        return show(request, codes=codes)
    messages.success(request, _("“%(name)s” is set up.") % {"name": new["name"]})
    return redirect(PAGE)


@require_POST
@sensitive_post_parameters()
def remove(request: HttpRequest, passkey_id: int) -> HttpResponse:
    user: Any = request.user
    if not rows_of(user).filter(pk=passkey_id).exists():
        raise Http404
    form = ProofForm(request.POST)
    if not form.is_valid():
        return show(request, refusal=_("Give your password to remove a passkey."), status=422)
    try:
        _prove(request, form)
        name = remove_passkey(user, passkey_id, at=now())
    except WrongCredentials as refusal:
        return show(request, refusal=str(refusal), status=403)
    messages.success(request, _("“%(name)s” is removed and signs nothing more.") % {"name": name})
    return redirect(PAGE)


@sensitive_variables()
def _prove(request: HttpRequest, form: ProofForm) -> None:
    user: Any = request.user
    given = form.cleaned_data | {"username": user.get_username()}
    try:
        reauthenticate(user, given, full=has_factor(user), at=now(), passkey=presented_in(request))
    except WrongCredentials as refusal:
        tell_of_tries(user, refusal)
        raise
