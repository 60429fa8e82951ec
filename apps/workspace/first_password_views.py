"""Where somebody new sets the first password: open to whoever holds the link, and it works once.

The link is taken out of the address at once: what is refused is logged with its address.
"""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.first_password import open_link, set_first_password
from apps.admin import now

#: In the session of the browser that opened the link.
SESSION: Final = "first_password"


@never_cache
@require_safe
def take(request: HttpRequest, sealed_link: str) -> HttpResponse:
    if open_link(sealed_link, at=now()) is None:
        return _shown(request, status=HTTPStatus.NOT_FOUND)
    request.session[SESSION] = sealed_link
    return redirect("admin:first_password_form")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    user = open_link(request.session.get(SESSION, ""), at=now())
    if user is None:
        return _shown(request, status=HTTPStatus.NOT_FOUND)
    form: Any = SetPasswordForm(user, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _set(request, form.cleaned_data["new_password1"])


@sensitive_variables("password", "sealed")
def _set(request: HttpRequest, password: str) -> HttpResponse:
    sealed, request_id = request.session.pop(SESSION), str(request.META.get("REQUEST_ID", ""))
    if set_first_password(sealed, password=password, at=now(), request_id=request_id) is None:
        return _shown(request, status=HTTPStatus.NOT_FOUND)
    messages.success(request, _("Your password is set. Sign in with it."))
    return redirect("admin:login")


def _shown(request: HttpRequest, form: Any = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Set your password") if form else _("This link works no more"),
        "form": form,
    }
    return TemplateResponse(request, "workspace/first_password.html", context, status=status)
