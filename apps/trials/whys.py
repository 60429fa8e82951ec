"""The two fields by which staff say why a saved value is changed, and who asks for them."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from apps.admin import LabelledFormSet, actor, now
from apps.audit.reasons import CORRECTION_REASONS, LONGEST, NoReason, Why, is_said
from apps.trials.correcting import Act

CODE: Final = "why_code"
TEXT: Final = "why"
NEEDED: Final = 'A saved value was changed: say why under "Why a saved value is changed", at the end.'


def why_code_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Why", choices=[("", "---------"), *CORRECTION_REASONS.items()], required=False
    )


def why_field() -> forms.CharField:
    wide = forms.TextInput(attrs={"class": "vLargeTextField"})
    return forms.CharField(label="In words", max_length=LONGEST, required=False, widget=wide)


def why_in(data: Any) -> Why:
    """As it was sent with a page."""
    return Why(data.get(CODE, ""), data.get(TEXT, ""))


def act_of(request: HttpRequest) -> Act:
    return Act(actor(request), now(), why_in(request.POST), request.META.get("REQUEST_ID", ""))


def overwrites(form: ModelForm, stored: Model) -> bool:
    names = {field.name for field in stored._meta.fields} & set(form.changed_data)
    return any(is_said(getattr(stored, name)) for name in names)


def require_why(form: ModelForm, stored: Model) -> None:
    """The reason's own fields say what is missing."""
    if not overwrites(form, stored):
        return
    try:
        why_in(form.data).check()
    except NoReason as refused:
        form.add_error(refused.field, f"{refused}.".capitalize())


class CorrectingFormSet(LabelledFormSet):
    """Rows below a page: what they said before is changed with the reason that the page gives."""

    def clean(self) -> None:
        super().clean()
        if not any(self._overwrites(form) for form in self.initial_forms):
            return
        try:
            why_in(self.data).check()
        except NoReason:
            raise ValidationError(NEEDED) from None

    def _overwrites(self, form: ModelForm) -> bool:
        if not form.has_changed():
            return False
        # The form's own row holds what was sent by now.
        return overwrites(form, form._meta.model._default_manager.get(pk=form.instance.pk))
