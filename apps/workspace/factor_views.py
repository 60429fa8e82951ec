"""One's own second factors: the app's key and the recovery codes are shown once, passkeys are listed."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.ceremony import is_made_at
from apps.accounts.enrolling import enrol
from apps.accounts.factors import WrongCredentials, has_app, has_factor, new_secret, reauthenticate
from apps.accounts.passkeys import passkeys_of
from apps.admin import now
from apps.workspace.invitation import qr_of
from apps.workspace.proving import ProofForm, presented_in
from apps.workspace.telling import tell_of_tries

SESSION: Final = "second_factor_secret"
ISSUER: Final = "sctrial"


class FactorForm(ProofForm):
    """The second factor is asked for as well, once there is one."""

    code = forms.CharField(
        label="The code that the app shows now",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    spare = forms.CharField(
        label="A recovery code",
        required=False,
        max_length=20,
        help_text="Or leave it empty and use a passkey.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )
    proofs = ("spare", "passkey")
    field_order = ("password", "spare", "code", "passkey")


class PasskeyForm(ProofForm):
    name = forms.CharField(
        label="Name of the passkey",
        max_length=40,
        help_text="So that you know it again, such as: laptop, blue key.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "password", "code", "passkey")


@sensitive_post_parameters()
def page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and SESSION in request.session:
        return _enrol(request)
    return show(request)


def _enrol(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form, at = FactorForm(request.POST, with_factor=has_factor(user)), now()
    if not form.is_valid():
        return show(request, app=form, status=422)
    code = form.cleaned_data["code"].replace(" ", "")
    given = form.cleaned_data | {"username": user.get_username(), "code": form.cleaned_data.get("spare", "")}
    try:
        reauthenticate(user, given, full=has_factor(user), at=at, passkey=presented_in(request))
        codes = enrol(user, secret=request.session[SESSION], code=code, at=at)
    except WrongCredentials as refusal:
        tell_of_tries(user, refusal)
        form.add_error(None, str(refusal))
        return show(request, app=form, status=403)
    del request.session[SESSION]
    if not codes:
        messages.success(request, _("The app is set up."))
    return show(request, codes=codes)


def show(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    """The page of one's factors; ``more`` is what has just happened."""
    user: Any = request.user
    with_factor = has_factor(user)
    context = {
        "title": _("Second factor"),
        "has_app": has_app(user),
        "passkeys": [(row, ProofForm(auto_id=f"remove-{row.pk}-%s")) for row in passkeys_of(user)],
        "adding": PasskeyForm(with_factor=with_factor, auto_id="passkey-%s"),
        "is_made_here": is_made_at(f"{request.scheme}://{request.get_host()}"),
    }
    if not context["has_app"]:
        context |= _app_to_set_up(request, with_factor=with_factor)
    shown = admin.site.each_context(request) | context | more
    return TemplateResponse(request, "workspace/second_factor.html", shown, status=status)


def _app_to_set_up(request: HttpRequest, *, with_factor: bool) -> dict[str, Any]:
    """The key stays the same until its code has been given, or the session ends."""
    secret = request.session.setdefault(SESSION, new_secret())
    label = f"{ISSUER}:{request.user.get_username()}"
    link = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
    form = FactorForm(with_factor=with_factor, auto_id="app-%s")
    return {"app": form, "secret": secret, "qr": qr_of(link)}
