"""A passkey at a form: its challenge waits in the session, and fits this one form as it is filled in."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.http import HttpRequest, QueryDict

from apps.accounts.ceremony import Challenge, Presented, microseconds
from apps.workspace.spoken import speak

SESSION: Final = "passkey_challenge"
#: What proves who asks is no part of what is asked.
PROOF: Final = frozenset({"csrfmiddlewaretoken", "password", "code", "spare", "passkey"})


class ProofForm(forms.Form):
    """Password and second factor. Nothing of it ever comes back in a page."""

    password = forms.CharField(
        label="Your password", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    code = forms.CharField(
        label="Code of your second factor",
        required=False,
        max_length=20,
        help_text="Or leave it empty and use a passkey.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)
    #: Not asked for before the first factor.
    proofs: ClassVar[tuple[str, ...]] = ("code", "passkey")

    def __init__(self, data: Any = None, *, with_factor: bool = True, **options: Any) -> None:
        super().__init__(data, **options)
        for name in () if with_factor else self.proofs:
            del self.fields[name]
        speak(self)


def new_challenge(request: HttpRequest, *, at: datetime) -> Challenge:
    """The one that this session may answer; an earlier one is gone."""
    challenge = Challenge(secrets.token_hex(32), microseconds(at))
    request.session[SESSION] = [challenge.nonce, challenge.issued]
    return challenge


def presented_in(request: HttpRequest) -> Presented | None:
    """What a passkey signed for this request, if it was one; right or wrong, its challenge is gone."""
    credential = request.POST.get("passkey", "")
    if not credential:
        return None
    nonce, issued = request.session.pop(SESSION, ("", 0))
    return Presented(credential, Challenge(nonce, issued), asked_for(request.path, request.POST))


def asked_for(path: str, fields: QueryDict) -> Mapping[str, object]:
    """The address that a form is sent to, and all that is filled in."""
    # A browser writes line ends in two ways, by how it sends.
    filled = {
        name: [value.replace("\r\n", "\n") for value in values]
        for name, values in fields.lists()
        if name not in PROOF
    }
    return {"path": path, "fields": filled}
