"""Several codes chosen as boxes, and kept as one text."""

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.diary.answer_words import codes_in


class CodesField(forms.MultipleChoiceField):
    """Codes as boxes to tick; kept as one text, such as "back, left_leg"."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> list[str]:
        return codes_in(value) if isinstance(value, str) else list(value or [])

    def __init__(self, *, known: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(choices=list(known.items()), required=False, **kwargs)
        self.known = known

    def clean(self, value: Any) -> str:
        chosen = super().clean(value)
        return ", ".join(code for code in self.known if code in chosen)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(self.prepare_value(initial)) != set(data or [])
