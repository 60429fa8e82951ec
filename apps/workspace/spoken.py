"""Forms in the language of the page. What they send back is the same in each."""

from typing import Any

from django import forms
from django.utils.translation import gettext


def speak(form: forms.BaseForm) -> None:
    """Labels, helps and choices, at the end of a form's ``__init__``: a page renders them once only."""
    for field in form.fields.values():
        field.label = gettext(str(field.label)) if field.label else field.label
        field.help_text = gettext(str(field.help_text))
        if isinstance(field, forms.ChoiceField) and not field.widget.is_hidden:
            known: Any = field.choices
            field.choices = [(value, gettext(words)) for value, words in known]
