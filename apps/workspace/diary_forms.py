"""The forms by which staff write answers down: one field for each way of answering."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from apps.diary.answer_words import (
    SHORT,
    WARNING_SIGNS,
    choice_label,
    codes_in,
    local_time,
    question_words,
)
from apps.diary.policies import last_day_for
from apps.diary.staff_acts import OF_WHOLE_TRIAL, Refused, Told, read_reason
from apps.diary.wording import wording
from apps.trials.models import StimulationTrial
from apps.workspace.spoken import speak
from sctrial.questions import LONGEST_TEXT, QUESTIONS, Form, Question
from sctrial.scales import SCALES, TARGET, OffScale, ScaleCode, ScoreKind, show_exactly

UNCHOSEN: Final = ("", "---------")


def questions_of(trial: StimulationTrial) -> dict[str, str]:
    """What this patient can be asked on the phone: key and words, target pain first."""
    pain = [f"{TARGET}.{kind.value}" for kind in ScoreKind]
    pain += [f"{region}.average" for region in codes_in(trial.other_regions)]
    left_out = set(codes_in(trial.left_out)) | (set() if trial.goal else {"goal_activity"})
    others = [code for code in QUESTIONS if code not in left_out]
    return {key: question_words(key) for key in (*pain, *others)}


def said_field(question: str, *, trial: StimulationTrial) -> forms.Field:
    """The field for an answer to ``question``; nothing is chosen beforehand."""
    if "." in question:
        return _score_field(trial)
    return _FIELDS[QUESTIONS[question].form](QUESTIONS[question])


def said_of(question: str, value: Any, *, trial: StimulationTrial) -> int | dict[str, Any]:
    """What the field holds, as it is stored. Raises OffScale."""
    if "." not in question:
        return {QUESTIONS[question].form.value: value}
    return SCALES[ScaleCode(trial.scale)].to_units(Fraction(value))


def _score_field(trial: StimulationTrial) -> forms.Field:
    scale = SCALES[ScaleCode(trial.scale)]
    low, high = show_exactly(scale.minimum), show_exactly(scale.maximum)
    step = show_exactly(Fraction(1, scale.per_point))
    return forms.DecimalField(
        label=f"Score, {low} to {high}",
        min_value=Decimal(low),
        max_value=Decimal(high),
        widget=forms.NumberInput(attrs={"step": step, "inputmode": "decimal", "autocomplete": "off"}),
    )


def _number(question: Question) -> forms.Field:
    numbers = range(question.minimum, question.maximum + 1, question.step)
    words = wording("en").questions[question.code]
    ends = {question.minimum: words.get("low", ""), question.maximum: words.get("high", "")}
    choices = [(n, f"{n}, {ends[n]}" if ends.get(n) else str(n)) for n in numbers]
    return forms.TypedChoiceField(label=SHORT[question.code], coerce=int, choices=[UNCHOSEN, *choices])


def _choice(question: Question) -> forms.Field:
    choices = [(code, choice_label(question.code, code)) for code in question.choices]
    return forms.ChoiceField(label=SHORT[question.code], choices=choices, widget=forms.RadioSelect)


def _choices(question: Question) -> forms.Field:
    return forms.MultipleChoiceField(
        label=SHORT[question.code],
        choices=[(code, WARNING_SIGNS[code]) for code in question.choices],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="None ticked: the patient was asked and has none of them.",
    )


def _text(question: Question) -> forms.Field:
    return forms.CharField(
        label=SHORT[question.code],
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"In the patient's words, at most {LONGEST_TEXT} characters.",
    )


_FIELDS: Final[Mapping[Form, Callable[[Question], forms.Field]]] = {
    Form.NUMBER: _number,
    Form.CHOICE: _choice,
    Form.CHOICES: _choices,
    Form.TEXT: _text,
}


class SaidForm(forms.Form):
    """An answer to one question, and why staff write it."""

    #: Where a refusal that names a field of the phone's is shown.
    places: Mapping[str, str] = {"value": "said", "answer": "said", "reason": "reason"}

    def __init__(
        self, *args: Any, question: str, trial: StimulationTrial, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.question, self.trial, self.now = question, trial, now
        self.fields["said"] = said_field(question, trial=trial)
        self.fields["reason"] = forms.CharField(
            label="Reason", max_length=LONGEST_TEXT, help_text="It stays in the audit trail."
        )
        speak(self)

    def clean_said(self) -> int | dict[str, Any]:
        try:
            return said_of(self.question, self.cleaned_data["said"], trial=self.trial)
        except OffScale as error:
            raise forms.ValidationError(f"{error}.") from None

    def clean_reason(self) -> str:
        try:
            return read_reason(self.cleaned_data["reason"])
        except Refused as error:
            raise forms.ValidationError(str(error)) from None

    def refuse(self, refused: Refused) -> None:
        """Show what the record refused at the field that it is about."""
        name = self.places.get(refused.field)
        self.add_error(name if name in self.fields else None, str(refused))


class TranscriptForm(SaidForm):
    """What a patient said by phone; the time is the patient's own wall clock."""

    places: Mapping[str, str] = {**SaidForm.places, "captured_at": "said_at", "about": "about"}

    id = forms.UUIDField(widget=forms.HiddenInput)
    said_at = forms.DateTimeField(
        label="When it was said",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    about = forms.ChoiceField(
        label="Which day it is about",
        choices=(
            ("today", "The day on which it was said"),
            ("yesterday", "The day before; it counts as late"),
        ),
        initial="today",
        widget=forms.RadioSelect,
    )
    field_order = ("id", "said", "said_at", "about", "reason")

    def __init__(self, *args: Any, trial: StimulationTrial, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, trial=trial, now=now, **kwargs)
        self.zone = trial.patient.zone
        self.fields["said_at"].initial = local_time(now, zone=self.zone).replace(tzinfo=None, second=0)
        self.fields["said_at"].help_text = f"On the patient's clock, {self.zone}."
        if QUESTIONS.get(self.question) and QUESTIONS[self.question].several:
            # Told whenever it comes, so it belongs to the day on which it was told.
            del self.fields["about"]
        if self.question in OF_WHOLE_TRIAL and last_day_for(trial, local=local_time(now, zone=self.zone)):
            del self.fields["about"]
            words = f"The leads are out: it counts as late, about {trial.ended_on:%-d %b %Y}, the last day."
            self.fields["said_at"].help_text += f" {words}"
        self.order_fields(self.field_order)

    def clean_said_at(self) -> datetime:
        clock: datetime = self.cleaned_data["said_at"].replace(tzinfo=None)
        try:
            said_at = clock.replace(tzinfo=ZoneInfo(self.zone))
        except (LookupError, ValueError, OSError):
            raise forms.ValidationError(
                f"The patient's time zone, {self.zone}, is not known: set it first."
            ) from None
        back = said_at.astimezone(ZoneInfo("UTC")).astimezone(said_at.tzinfo).replace(tzinfo=None)
        if back != clock:
            raise forms.ValidationError(f"The clocks of {self.zone} skipped this time; give another one.")
        return said_at

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(
            id=UUID(str(data["id"])),
            question=self.question,
            said=data["said"],
            said_at=data["said_at"],
            zone=self.zone,
            about=data.get("about", "today"),
        )
