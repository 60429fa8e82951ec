"""The question of a cohort as a form; what it means is read by ``question``, as from an address."""

from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from django import forms

from apps.accounts.models import Clinic
from apps.cohorts.models import FORMS
from apps.cohorts.question import PARAMETERS, BadQuestion, CohortQuestion, read_question
from apps.cohorts.selectors import IDENTIFIED, SNAPSHOT
from apps.trials.models.trials import MODALITIES
from apps.trials.rules import read_rulebook
from apps.workspace.permissions import Access
from sctrial.deidentify_tables import Form as Leaving
from sctrial.scales import SCALES
from sctrial.stimulation import WAVEFORMS

#: What a sent form has beside its fields.
CSRF: Final = "csrfmiddlewaretoken"


class QuestionForm(forms.Form):
    """Fields by the parameters of a question; whatever else is asked is refused, not passed over."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        clinics = Clinic.objects.filter(pk__in=access.clinics("view", resource=SNAPSHOT))
        self.fields.update(_question_fields(clinics=[(clinic.pk, clinic.name) for clinic in clinics]))

    def read_question(self) -> CohortQuestion | None:
        """None when it cannot be read; then each field says why."""
        data: Any = self.data
        own = {CSRF, *self.fields} - set(PARAMETERS.values())
        asked = [(name, value) for name, values in data.lists() if name not in own for value in values]
        try:
            return read_question(urlencode(asked))
        except BadQuestion as bad:
            self.refuse(bad)
            return None

    def refuse(self, bad: BadQuestion) -> None:
        for name, text in bad.errors.items():
            if name in self.fields:
                self.add_error(name, f"This {text}")
            else:
                self.add_error(None, named(name, text))


def named(name: str, text: str) -> str:
    """A refusal that stands beside no field."""
    return f"\u201c{name}\u201d {text}"


def prefilled(text: str) -> tuple[dict[str, Any], list[str]]:
    """What a form begins with for a question in an address, and what of that cannot be asked."""
    try:
        asked = parse_qs(read_question(text).query)
    except BadQuestion as bad:
        return {}, [named(name, words) for name, words in bad.errors.items()]
    clinics = PARAMETERS["clinics"]
    return {name: values if name == clinics else values[0] for name, values in asked.items()}, []


class SnapshotForm(QuestionForm):
    """The question, then in which form the tables leave."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.fields.update(_form_fields(identified=bool(access.clinics("add", resource=IDENTIFIED))))


def _question_fields(*, clinics: list[tuple[int, str]]) -> dict[str, forms.Field]:
    waveforms = [(code, waveform.label) for code, waveform in WAVEFORMS.items()]
    rulebook = read_rulebook([pk for pk, _ in clinics])
    rules = sorted({rule for pk, _ in [*clinics, (None, "")] for rule in rulebook.rules_of(pk)})
    fields: dict[str, forms.Field] = {
        "from": _day("Leads placed from"),
        "to": _day("Leads placed to"),
        "modality": _choice("Modality", list(MODALITIES.items())),
        "scale": _choice("Pain scale", [(code.value, scale.label) for code, scale in SCALES.items()]),
        "order": _choice("Trials of a patient", [("first", "First trials"), ("repeat", "Repeat trials")]),
        "diagnosis": forms.CharField(
            label="Diagnosis", required=False, help_text="Beginning of an ICD-10-CM code, such as M54"
        ),
        "waveform": _choice("Waveform tried", waveforms),
        "device": forms.CharField(label="External stimulator", required=False, help_text="Make and model"),
        "rule_set": _choice("Judged under", [(rule, rule) for rule in rules], empty="Each trial's own"),
    }
    if len(clinics) > 1:
        fields["clinic"] = forms.MultipleChoiceField(
            label="Clinics", choices=clinics, required=False, help_text="None chosen: all of them"
        )
    return fields


def _day(label: str) -> forms.Field:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.CharField(label=label, required=False, widget=widget)


def _choice(label: str, choices: list[tuple[str, str]], *, empty: str = "Any") -> forms.Field:
    # What is chosen is checked once, by the reader of questions.
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=[("", empty), *choices]))


def _form_fields(*, identified: bool) -> dict[str, forms.Field]:
    forms_here = [
        (code, words) for code, words in FORMS.items() if identified or code != Leaving.IDENTIFIED.value
    ]
    fields: dict[str, forms.Field] = {
        "form": forms.ChoiceField(
            label="Tables leave as", choices=forms_here, initial=Leaving.STUDY_DAYS.value
        )
    }
    if identified:
        fields["reason"] = forms.CharField(
            label="Reason",
            required=False,
            max_length=300,
            help_text="Needed for identified tables; it stays in the trail",
        )
    return fields
