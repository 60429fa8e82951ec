"""What is asked of who runs a clinic: whom to add, which role, and why."""

from typing import Any, Final

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext

from apps.accounts.models import FORMER, ROLE_LABELS
from apps.accounts.people import NO_SUCH_ROLE, Newcomer
from apps.audit.reasons import LONGEST
from apps.workspace.emergency_review import readable
from apps.workspace.spoken import speak

#: Of the columns of an account.
LONGEST_NAME: Final = 150
ROLES: Final = [("", "---------"), *ROLE_LABELS.items()]


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=ROLES)
    reason = forms.CharField(
        label="Why",
        max_length=LONGEST,
        validators=[readable],
        help_text="It stays in the trail for good: do not name a patient.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        speak(self)
        self.fields["role"].error_messages["invalid_choice"] = gettext(f"{NO_SUCH_ROLE}.")

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, gettext(error) if isinstance(error, str) else error)


class UsernameField(forms.CharField):
    def __init__(self, *, label: str, help_text: str) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=LONGEST_NAME,
            validators=[UnicodeUsernameValidator()],
            widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
        )


class PersonForm(RoleForm):
    username = UsernameField(
        label="User name",
        help_text="What the person types to sign in: letters, digits and @ . + - _. It is theirs for good.",
    )
    first_name = forms.CharField(label="Given name", max_length=LONGEST_NAME, required=False)
    last_name = forms.CharField(label="Family name", max_length=LONGEST_NAME)
    email = forms.EmailField(label="E-mail address of the person", max_length=254)
    field_order = ("username", "first_name", "last_name", "email", "role", "reason")

    def newcomer(self) -> Newcomer:
        said = self.cleaned_data
        return Newcomer(said["username"], said["first_name"], said["last_name"], said["email"], said["role"])


class OfferForm(RoleForm):
    """Whether there is such an account is not looked up: the form says the same of all names."""

    username = UsernameField(
        label="User name of the person",
        help_text="As the person types it to sign in: ask them for it.",
    )
    field_order = ("username", "role", "reason")


class EndForm(RoleForm):
    """The role that is none is chosen already."""

    role = forms.ChoiceField(choices=[(FORMER, FORMER)], initial=FORMER, widget=forms.HiddenInput)
