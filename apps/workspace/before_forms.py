"""The forms of a patient's record before the trial: one a kind of row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.forms.boundfield import BoundField

from apps.patients.models import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
    PriorAuthorisation,
)
from sctrial.checklist import (
    BODY_REGIONS,
    CONTRAINDICATION_SOURCE,
    CONTRAINDICATIONS,
    DIAGNOSES,
    MRSA_SOURCE,
    is_diagnosis,
)
from sctrial.nodes import Attested
from sctrial.therapy_table import THERAPIES

DAY: Final = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT: Final = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
ANSWERS: Final = (("", "Not recorded"), ("yes", "Yes"), ("no", "No"))
_READ: Final = {"yes": True, "no": False}
_SHOWN: Final = {True: "yes", False: "no"}
AGENTS: Final = tuple(agent for therapy in THERAPIES.values() for agent in therapy.agents)


@dataclass(frozen=True, slots=True)
class Section:
    """Some fields of a form under one heading."""

    title: str
    help: str
    fields: tuple[BoundField, ...]


class YesNoField(forms.ChoiceField):
    """Yes, no, or not recorded; nothing is chosen beforehand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ANSWERS, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return _SHOWN.get(value, value)

    def clean(self, value: Any) -> bool | None:
        return _READ.get(super().clean(value))


class BeforeForm(forms.ModelForm):
    """``statements`` are what payers ask a person to state; only the review shows them."""

    #: Heading, help, and the names of its fields.
    layout: ClassVar[tuple[tuple[str, str, tuple[str, ...]], ...]] = ()

    def __init__(self, *args: Any, statements: Mapping[str, Attested], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = statements
        for name, field in list(self.fields.items()):
            if isinstance(field, forms.NullBooleanField):
                self.fields[name] = YesNoField(label=field.label, help_text=field.help_text)
            elif isinstance(field, forms.DateTimeField):
                field.widget = MOMENT
            elif isinstance(field, forms.DateField):
                field.widget = DAY

    def sections(self) -> Iterator[Section]:
        for title, words, names in self.layout:
            yield Section(title, words, tuple(self[name] for name in names))

    def suggestions(self) -> Mapping[str, tuple[str, ...]]:
        """Values offered while typing, by the id of their list."""
        return {}

    def values(self) -> dict[str, Any]:
        """What the row is to say."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    class Meta:
        model: type[BeforeTrial]
        fields: tuple[str, ...] = ()


class DiagnosisForm(BeforeForm):
    layout = (("Diagnosis", "", ("code", "body_region", "diagnosed_on", "note")),)

    class Meta(BeforeForm.Meta):
        model = Diagnosis
        fields = ("code", "body_region", "diagnosed_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"list": "codes", "autocomplete": "off"}

    def suggestions(self) -> Mapping[str, tuple[str, ...]]:
        return {"codes": tuple(DIAGNOSES)}

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not is_diagnosis(code):
            raise forms.ValidationError("Write an ICD-10-CM code, such as M96.1 or G90.522.")
        return code


class RegionsForm(BeforeForm):
    layout = (("Where it hurts", "Left and right are the patient's.", ("regions",)),)
    regions = forms.MultipleChoiceField(
        choices=list(BODY_REGIONS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta(BeforeForm.Meta):
        model = PainRegions
        fields = ("regions",)


_THERAPY: Final = (
    ("Treatment", "", ("kind", "agent", "level", "started_on", "ended_on")),
    (
        "How much of it",
        "What makes a course adequate is held against these. Leave out what is not known.",
        ("dose_mg", "weeks_at_dose", "sessions", "positive_blocks", "block_relief"),
    ),
    (
        "What came of it",
        "A clinician's word that a course was adequate counts only where nothing can be computed.",
        ("relief", "relief_weeks", "outcome", "stated_adequate", "note"),
    ),
)


class TherapyForm(BeforeForm):
    layout = _THERAPY

    class Meta(BeforeForm.Meta):
        model = ConservativeTherapy
        fields = tuple(name for _, _, names in _THERAPY for name in names)
        help_texts = {
            "agent": "Such as gabapentin, walking, CBT.",
            "ended_on": "Empty: it goes on.",
            "started_on": "Empty only where it never began: contraindicated, declined, no access.",
            "positive_blocks": "Before radiofrequency ablation.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].widget.attrs |= {"list": "agents", "autocomplete": "off"}

    def suggestions(self) -> Mapping[str, tuple[str, ...]]:
        return {"agents": AGENTS}


class AuthorisationForm(BeforeForm):
    layout = (("Prior authorisation", "", ("payer", "number", "granted_on", "expires_on")),)

    class Meta(BeforeForm.Meta):
        model = PriorAuthorisation
        fields = ("payer", "number", "granted_on", "expires_on")
        help_texts = {"number": "The payer's number; for Medicare the tracking number of the request (UTN)."}


_CONTRA, _SAID = "contra-", "said-"
CHECKLIST: Final = (
    "adult",
    "neuropathic_origin",
    "pain_duration_months",
    "untreated_substance_use",
    "multidisciplinary_team",
    "facilities_available",
    "patient_educated",
    "nothing_untried",
)
PSYCHOLOGY: Final = ("psych_on", "psych_evaluator", "psych_result", "psych_conditions", "psych_expires_on")
ANTICOAGULANT: Final = (
    "anticoagulant",
    "anticoagulant_agents",
    "hold_from",
    "restart_at",
    "anticoagulant_approved_by",
)
INFECTION: Final = ("mrsa_result", "mrsa_on", "active_infection", "hba1c", "smoker")


class ReviewForm(BeforeForm):
    class Meta(BeforeForm.Meta):
        model = EligibilityReview
        fields = (
            "reviewed_on",
            *CHECKLIST,
            "contraindication_note",
            *PSYCHOLOGY,
            *ANTICOAGULANT,
            *INFECTION,
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: EligibilityReview = self.instance
        for code, (words, weight) in CONTRAINDICATIONS.items():
            label = f"{words} ({weight.value})"
            self.fields[_CONTRA + code] = YesNoField(label=label, initial=row.contraindications.get(code))
        for name, node in self.statements.items():
            self.fields[_SAID + name] = YesNoField(
                label=node.asks, initial=row.attested.get(name), help_text=f"By {node.who}"
            )

    def sections(self) -> Iterator[Section]:
        source = f"{CONTRAINDICATION_SOURCE.text} [{CONTRAINDICATION_SOURCE.mark.value}]"
        for title, words, names in (
            ("Review", "", ("reviewed_on",)),
            ("Checklist", "What is not recorded is not a no.", CHECKLIST),
            (
                "Contraindications",
                f"Shown, and decide nothing here. Source: {source}.",
                (*(_CONTRA + code for code in CONTRAINDICATIONS), "contraindication_note"),
            ),
            ("Psychological evaluation", "", PSYCHOLOGY),
            (
                "Anticoagulants",
                "As agreed with the prescriber, on the clinic's clock. No day is computed here.",
                ANTICOAGULANT,
            ),
            ("Infection screen", f"{MRSA_SOURCE.text} [{MRSA_SOURCE.mark.value}].", INFECTION),
            (
                "Statements for payers",
                "What no figure can show: somebody states it.",
                tuple(_SAID + name for name in self.statements),
            ),
        ):
            yield Section(title, words, tuple(self[name] for name in names))

    def values(self) -> dict[str, Any]:
        # A statement that no rule asks for any more stays as it was made.
        kept = {name: said for name, said in self.instance.attested.items() if name not in self.statements}
        return super().values() | {
            "contraindications": self._answered(_CONTRA, CONTRAINDICATIONS),
            "attested": kept | self._answered(_SAID, self.statements),
        }

    def _answered(self, prefix: str, codes: Mapping[str, Any]) -> dict[str, bool]:
        given = {code: self.cleaned_data[prefix + code] for code in codes}
        return {code: answer for code, answer in given.items() if answer is not None}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row: where it is kept, by which form, and in which words."""

    form: type[BeforeForm]
    words: str
    #: The standing row is replaced by the next; there is no second one beside it.
    one_at_a_time: bool = False

    @property
    def model(self) -> type[Any]:
        return self.form.Meta.model

    @property
    def resource(self) -> str:
        return str(self.model._meta.label_lower)


KINDS: Final[Mapping[str, Kind]] = {
    "diagnosis": Kind(DiagnosisForm, "diagnosis"),
    "regions": Kind(RegionsForm, "pain regions", one_at_a_time=True),
    "therapy": Kind(TherapyForm, "treatment"),
    "review": Kind(ReviewForm, "eligibility review", one_at_a_time=True),
    "authorisation": Kind(AuthorisationForm, "authorisation"),
}
