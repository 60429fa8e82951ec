"""The forms by which staff correct what stands in a diary, strike it out, or restore it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms

from apps.audit.reasons import NoReason, Why
from apps.diary.models import DiaryAnswer, DiaryEntry, OpioidUse, QuestionnaireResponse
from apps.diary.revising import Beside, Revised
from apps.diary.staff_acts import Refused
from apps.diary.totals import is_total, total_answers, total_field
from apps.trials.models import StimulationTrial
from apps.trials.whys import CODE, TEXT, why_code_field, why_field
from apps.workspace.diary_forms import said_field, said_of
from sctrial.scales import OffScale

YES_NO: Final = {"yes": "Yes", "no": "No"}


class WhyForm(forms.Form):
    """Asked of every act: a code and words."""

    #: Where a refusal that names a field of the phone's is shown.
    places: Mapping[str, str] = {"value": "said", "answer": "said", CODE: CODE, TEXT: TEXT}

    why_code = why_code_field()
    why = why_field()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        try:
            self.given.check()
        except NoReason as refused:
            self.add_error(refused.field, f"{refused}.".capitalize())
        return data

    @property
    def given(self) -> Why:
        return Why(self.cleaned_data.get(CODE, ""), self.cleaned_data.get(TEXT, ""))

    def refuse(self, refused: Refused) -> None:
        """What the record refused, at the field that it is about."""
        name = self.places.get(refused.field)
        self.add_error(name if name in self.fields else None, str(refused))


class CorrectForm(WhyForm):
    """What it should say, and why. Nothing is chosen beforehand."""

    field_order = ("said", CODE, TEXT)

    def __init__(self, *args: Any, row: Revised, trial: StimulationTrial, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.trial = row, trial
        self.fields["said"] = _field_of(row, trial=trial)
        self.order_fields(self.field_order)

    def clean_said(self) -> Any:
        """As the record takes it: units or an answer, or the fields of a row beside the diary."""
        said = self.cleaned_data["said"]
        if isinstance(self.row, DiaryEntry | DiaryAnswer):
            try:
                return said_of(question_of(self.row), said, trial=self.trial)
            except OffScale as error:
                raise forms.ValidationError(f"{error}.") from None
        if isinstance(self.row, QuestionnaireResponse) and is_total(self.row):
            return {"answers": total_answers(self.row.instrument, said)}
        return _VALUES[type(self.row)](said)


def question_of(row: DiaryEntry | DiaryAnswer) -> str:
    return f"{row.region}.{row.kind}" if isinstance(row, DiaryEntry) else row.question


def _field_of(row: Revised, *, trial: StimulationTrial) -> forms.Field:
    if isinstance(row, DiaryEntry | DiaryAnswer):
        return said_field(question_of(row), trial=trial)
    if isinstance(row, QuestionnaireResponse) and is_total(row):
        return total_field(row.instrument)
    return _FIELDS[type(row)]()


def _dose() -> forms.Field:
    return forms.DecimalField(label="MME", min_value=Decimal(0), max_digits=7, decimal_places=2)


def _satisfied() -> forms.Field:
    choices = [("", "---------"), *YES_NO.items()]
    return forms.ChoiceField(label="Satisfied with the relief", choices=choices)


_FIELDS: Final[Mapping[type[Beside], Callable[[], forms.Field]]] = {
    OpioidUse: _dose,
    QuestionnaireResponse: _satisfied,
}
_VALUES: Final[Mapping[type[Beside], Callable[[Any], Mapping[str, Any]]]] = {
    OpioidUse: lambda said: {"mme": said},
    QuestionnaireResponse: lambda said: {"answers": {"satisfied": said == "yes"}},
}
