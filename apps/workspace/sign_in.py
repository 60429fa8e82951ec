"""The door of the staff site: who comes in, who goes, and who is told that somebody tries."""

from typing import Any, Final

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest

from apps.accounts.models import Clinic, Role, User
from apps.accounts.signing_in import SignInLocked, sign_in
from apps.accounts.trail import record_for
from apps.admin import now
from apps.diary.channels import Message
from apps.workspace.telling import tell_site_admins

LOCKED: Final = Message(
    "Sign-in was locked",
    "Five wrong passwords for one name of your clinic. Look at the audit trail of your clinic.\n",
)


class SignInForm(AdminAuthenticationForm):
    """Django's own form, which counts wrong tries and knows when it was enough."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("username") is not None and given.get("password"):
            self.user_cache = self._found(given["username"], given["password"])
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return given

    def _found(self, name: str, password: str) -> User | None:
        request_id = self.request.META.get("REQUEST_ID", "")
        try:
            return sign_in(self.request, name=name, password=password, at=now(), request_id=request_id)
        except SignInLocked as refusal:
            if refusal.newly is not None:
                tell_clinics_of(refusal.newly)
            raise forms.ValidationError(str(refusal), code="locked") from refusal


def tell_clinics_of(user: User) -> None:
    for clinic in Clinic.objects.filter(memberships__user=user, memberships__role__in=list(Role)):
        tell_site_admins(clinic, LOCKED)


def record_door(request: HttpRequest, user: Any, *, action: str) -> None:
    record_for(user, action, at=now(), request_id=request.META.get("REQUEST_ID", ""))
