"""Set up one's own second factor: the key once, the code that proves it, the recovery codes once."""

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.factors import WrongCredentials, enrol, has_factor, new_secret, reauthenticate
from apps.admin import now
from apps.workspace.invitation import qr_of

SESSION: Final = "second_factor_secret"
ISSUER: Final = "sctrial"


class FactorForm(forms.Form):
    password = forms.CharField(
        label="Your password", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    code = forms.CharField(
        label="The code that the app shows now",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@sensitive_post_parameters()
def page(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    context = admin.site.each_context(request) | {"title": "Second factor"}
    if request.method == "POST" and SESSION in request.session:
        return _enrol(request, context=context)
    if has_factor(user):
        return TemplateResponse(request, "workspace/second_factor.html", context | {"is_set_up": True})
    request.session[SESSION] = new_secret()
    return _ask(request, FactorForm(), context=context)


def _enrol(request: HttpRequest, *, context: dict[str, Any]) -> HttpResponse:
    user: Any = request.user
    form, at = FactorForm(request.POST), now()
    if not form.is_valid():
        return _ask(request, form, context=context, status=422)
    try:
        reauthenticate(user, form.cleaned_data, full=False, at=at)
        code = form.cleaned_data["code"].replace(" ", "")
        codes = enrol(user, secret=request.session[SESSION], code=code, at=at)
    except WrongCredentials as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, form, context=context, status=403)
    del request.session[SESSION]
    return TemplateResponse(request, "workspace/second_factor.html", context | {"codes": codes})


def _ask(
    request: HttpRequest, form: FactorForm, *, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    secret = request.session[SESSION]
    label = f"{ISSUER}:{request.user.get_username()}"
    link = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
    shown = {"form": form, "secret": secret, "qr": qr_of(link)}
    return TemplateResponse(request, "workspace/second_factor.html", context | shown, status=status)
