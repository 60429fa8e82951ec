"""A form speaks the language of its page, and what it sends back is the same in each."""

import pytest
from django import forms
from django.utils import translation

from apps.workspace.spoken import speak


class Asked(forms.Form):
    name = forms.CharField(help_text="Needed from 30 days on.", label="Reason")
    choice = forms.ChoiceField(choices=[("", "---------"), ("implant", "Implant")], label="Decision")
    unnamed = forms.CharField(required=False)
    hidden = forms.ChoiceField(choices=[("met", "Met")], widget=forms.HiddenInput)

    def __init__(self, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        speak(self)


# fmt: off
SPOKEN = [
    ("en-gb", "Reason", "Needed from 30 days on.",        "Implant"),
    ("de",    "Grund",  "Nötig ab 30 Tagen.",             "Implantieren"),
    ("es",    "Motivo", "Necesario a partir de 30 días.", "Implantar"),
]
# fmt: on


@pytest.mark.parametrize(("language", "label", "help_text", "choice"), SPOKEN)
def test_labels_helps_and_choices_are_those_of_the_language(
    language: str, label: str, help_text: str, choice: str
) -> None:
    with translation.override(language):
        page = Asked().as_div()

    assert f"{label}:" in page
    assert help_text in page
    assert f'<option value="implant">{choice}</option>' in page
    assert "Unnamed:" in page, "a field without a label keeps the one that Django makes of its name"


@pytest.mark.parametrize("language", ["en-gb", "de", "es"])
def test_what_is_sent_back_is_the_same_in_each(language: str) -> None:
    with translation.override(language):
        form = Asked({"name": "x", "choice": "implant", "hidden": "met"})

        assert form.is_valid()
    assert form.cleaned_data == {"name": "x", "choice": "implant", "unnamed": "", "hidden": "met"}


def test_the_next_form_of_the_class_is_not_left_in_another_language() -> None:
    with translation.override("de"):
        Asked()

    assert Asked().fields["name"].label == "Reason"
