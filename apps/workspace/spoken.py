"""Which pages speak the browser's language, and their forms in it. What is sent back is the same in each."""

from typing import Any

from django import forms
from django.utils.translation import gettext

#: The pages that are translated; every other page of the staff site is English in whatever browser.
TRANSLATED = frozenset(
    {
        "workspace/index.html",
        "workspace/before.html",
        "workspace/login.html",
        "workspace/access.html",
        "workspace/keys.html",
        "workspace/erase.html",
        "workspace/trial_form.html",
        "workspace/signed.html",
        "workspace/not_signed.html",
        "workspace/second_factor.html",
        "workspace/make_passkey.html",
        "workspace/review.html",
        "workspace/emergency.html",
        "workspace/emergency_review.html",
        "workspace/people.html",
        "workspace/add_person.html",
        "workspace/person.html",
        "workspace/offer_place.html",
        "workspace/take_place.html",
        "workspace/first_password.html",
        "workspace/imports.html",
        "workspace/import.html",
        "workspace/propose_import.html",
        "admin/object_history.html",
    }
)


def speak(form: forms.BaseForm) -> None:
    """Labels, helps and choices, at the end of a form's ``__init__``: a page renders them once only."""
    for field in form.fields.values():
        field.label = gettext(str(field.label)) if field.label else field.label
        field.help_text = gettext(str(field.help_text))
        if isinstance(field, forms.ChoiceField) and not field.widget.is_hidden:
            known: Any = field.choices
            field.choices = [(value, _spoken(words)) for value, words in known]


def _spoken(words: Any) -> Any:
    """The words of a choice, or the choices of a group, whose name is spoken too."""
    if isinstance(words, str):
        return gettext(words)
    return [(value, gettext(said)) for value, said in words]
