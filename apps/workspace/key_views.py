"""API keys: made for oneself and shown once, recognised by their first characters, revoked at once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from apps.accounts.factors import LockedOut, WrongCredentials, reauthenticate
from apps.accounts.keys import LIFETIMES, SCOPES, issue_key, keys_in, keys_of, revoke_key
from apps.accounts.models import ApiKey
from apps.admin import now
from apps.workspace.permissions import access_of
from apps.workspace.rights import Act
from apps.workspace.spoken import speak
from apps.workspace.telling import tell_of_tries

KEY = "accounts.apikey"
PAGE = "admin:api_keys"


class KeyForm(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        help_text="Such as: R on my laptop. One key for each program, so that each can be revoked alone.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="What may it do?", choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label="Good for", choices=list(LIFETIMES.items()), coerce=int)
    password = forms.CharField(
        label="Your password", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self)


@sensitive_post_parameters()
@sensitive_variables("made")
def page(request: HttpRequest) -> HttpResponse:
    access = access_of(request)
    if not access.may(Act.VIEW, resource=KEY):
        raise PermissionDenied
    if request.method != "POST":
        return _show(request, KeyForm(initial={"days": 30}))
    if not access.may(Act.ADD, resource=KEY):
        raise PermissionDenied
    return _make(request)


def _make(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form, at = KeyForm(request.POST), now()
    if not form.is_valid():
        return _show(request, form, status=422)
    asked = form.cleaned_data
    try:
        reauthenticate(user, {"password": asked["password"]}, full=False, at=at)
    except WrongCredentials as refusal:
        tell_of_tries(user, refusal)
        form.add_error("password", _why(refusal))
        return _show(request, form, status=403)
    made = issue_key(user, name=asked["name"], scopes=asked["scopes"], days=asked["days"], at=at)
    response = _show(request, KeyForm(initial={"days": 30}), made=made)
    response["Cache-Control"] = "no-store"
    return response


def _why(refusal: WrongCredentials) -> str:
    return (
        str(refusal)
        if isinstance(refusal, LockedOut)
        else gettext("This is not your password. No key was made.")
    )


def _show(request: HttpRequest, form: KeyForm, *, status: int = 200, made: object = None) -> HttpResponse:
    user: Any = request.user
    access, at = access_of(request), now()
    own = keys_of(user)
    others = _others(request).exclude(user=user)
    context = admin.site.each_context(request) | {
        "title": gettext("API keys"),
        "form": form if access.may(Act.ADD, resource=KEY) else None,
        "made": made,
        "own": [_row(key, at=at) for key in own],
        "sees_others": access.may(Act.CHANGE, resource=KEY),
        "others": [_row(key, at=at) for key in others],
    }
    return TemplateResponse(request, "workspace/keys.html", context, status=status)


def _others(request: HttpRequest) -> Any:
    """Keys that this person may revoke beside the own ones."""
    access = access_of(request)
    if access.everywhere(Act.CHANGE, resource=KEY):
        return ApiKey.objects.select_related("user")
    return keys_in(access.clinics(Act.CHANGE, resource=KEY))


def _row(key: ApiKey, *, at: Any) -> dict[str, Any]:
    state = "revoked" if key.revoked_at else "good" if key.is_good(at) else "expired"
    return {"key": key, "state": state, "may": [SCOPES.get(scope, scope) for scope in key.scopes]}


@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    user: Any = request.user
    key = (keys_of(user) | _others(request)).filter(pk=key_id).first()
    if key is None:
        raise Http404
    done = revoke_key(key, by=user, at=now())
    words = "is revoked: the next request with it is refused." if done else "was revoked before."
    messages.success(request, f"{key} {words}")
    return redirect(PAGE)
