"""Where somebody new sets the first password: open to whoever holds the link, and it works once."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts.first_password import open_link, set_first_password
from apps.admin import now


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, sealed_link: str) -> HttpResponse:
    user = open_link(sealed_link, at=now())
    if user is None:
        return _shown(request, status=HTTPStatus.NOT_FOUND)
    form: Any = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _set(request, sealed_link, form)


def _set(request: HttpRequest, sealed_link: str, form: Any) -> HttpResponse:
    password = form.cleaned_data["new_password1"]
    request_id = str(request.META.get("REQUEST_ID", ""))
    if set_first_password(sealed_link, password=password, at=now(), request_id=request_id) is None:
        return _shown(request, status=HTTPStatus.NOT_FOUND)
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("admin:login")


def _shown(request: HttpRequest, form: Any = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Set your password") if form else _("This link works no more"),
        "form": form,
    }
    return TemplateResponse(request, "workspace/first_password.html", context, status=status)
