"""Where a trial stands, as its page tells it: the road, the open steps, and why the others are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django import forms

from apps.trials.cautions import cautions_among, notes_of
from apps.trials.lasting import WITH_LEADS, warnings_of
from apps.trials.models import StimulationTrial, label
from apps.trials.policies import OVER
from apps.trials.steps import Way, today_in, ways_of
from apps.workspace.glance import Glance
from apps.workspace.permissions import Access
from apps.workspace.spoken import speak
from sctrial.phases import END_REASON_WORDS, EndReason, Need, Phase, Step, Who
from sctrial.stimulation import CONFIRM_FROM, TECHNICAL_CAUSES, WARN_PAST

RESOURCE: Final = "trials.stimulationtrial"
LONGEST_REASON: Final = 200
UNCHOSEN: Final = ("", "---------")
DESPITE: Final = "Needed when a warning stands above: why the leads go in all the same."
SIGNED: Final = "with the signature on the decision"
IMPLANTED: Final = frozenset({Phase.DECIDED, Phase.IMPLANTED, Phase.FOLLOW_UP, Phase.EXPLANTED})
ROAD: Final = (
    Phase.REFERRED,
    Phase.ELIGIBILITY,
    Phase.AUTHORISED,
    Phase.BASELINE_DIARY,
    Phase.LEAD_PLACED,
    Phase.TRIAL_ACTIVE,
    Phase.ENDED,
    Phase.DECISION_PENDING,
    Phase.DECIDED,
    Phase.IMPLANTED,
    Phase.FOLLOW_UP,
)


def day_field(name: str, *, today: date | None = None) -> forms.DateField:
    attrs = {"type": "date"} | ({"max": today.isoformat()} if today else {})
    return forms.DateField(label=name, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"))


class StepForm(forms.Form):
    """What one step asks for, and the phase that the page showed."""

    expected = forms.ChoiceField(
        choices=[(phase.value, phase.value) for phase in Phase], widget=forms.HiddenInput
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, step: Step, today: date) -> None:
        super().__init__(data, auto_id=f"step-{step.to.value}-%s")
        self.step = step
        self.fields["expected"].initial = step.start.value
        if step.sets:
            self.fields["on"] = day_field("Day", today=today)
        if Need.END_REASON in step.sets:
            self.fields["end_reason"] = _choice(
                "Why it ended", {r.value: words for r, words in END_REASON_WORDS.items()}
            )
            self.fields["technical_cause"] = _choice(
                "What failed", TECHNICAL_CAUSES, required=False, help_text="Only after a technical failure."
            )
        if step.wants_reason:
            self.fields["reason"] = forms.CharField(label="Reason", min_length=3, max_length=LONGEST_REASON)
        elif step.to is Phase.LEAD_PLACED:
            self.fields["reason"] = forms.CharField(
                label="Reason", required=False, max_length=LONGEST_REASON, help_text=DESPITE
            )
        speak(self)

    def given(self) -> dict[str, Any]:
        """As ``move_trial`` takes it."""
        data = dict(self.cleaned_data)
        data["expected"] = Phase(data["expected"])
        if "end_reason" in data:
            data["end_reason"] = EndReason(data["end_reason"])
        return data


class ExtensionForm(forms.Form):
    to = day_field("New planned end")
    reason = forms.CharField(
        required=False,
        max_length=LONGEST_REASON,
        help_text=f"Needed past {WARN_PAST.days} days with externalised leads.",
    )
    confirmed = forms.BooleanField(
        required=False,
        label=f"I confirm {CONFIRM_FROM.days} days or more",
        help_text=f"Needed from {CONFIRM_FROM.days} days on.",
    )
    expected = forms.DateField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, planned: date | None) -> None:
        initial = {"expected": planned.isoformat() if planned else ""}
        super().__init__(data, auto_id="extend-%s", initial=initial)
        speak(self)


def _choice(
    name: str, known: Mapping[str, str], *, required: bool = True, help_text: str = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=name, choices=[UNCHOSEN, *known.items()], required=required, help_text=help_text
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """One step on the page: with its form when it is open, with why not when it is not."""

    step: Step
    why_not: str
    form: StepForm | None = None
    cautions: Sequence[str] = ()
    #: Shown, and no reason is asked for.
    notes: Sequence[str] = ()


def who(access: Access, *, clinic: int) -> frozenset[Who]:
    role = access.roles.get(clinic)
    return frozenset(who for who in Who if role is not None and who.value == role.value)


def steps_of(trial: StimulationTrial, *, glance: Glance, access: Access, at: datetime) -> dict[str, Any]:
    """What the template of the steps shows."""
    today = today_in(trial, at=at)
    may = access.may("change", resource=RESOURCE, clinic=trial.clinic_id)
    roles = who(access, clinic=trial.clinic_id)
    told = cautions_among(trial, found=glance.found), notes_of(trial, found=glance.found, today=today)
    shown = [
        _shown(way, today=today, told=told) for way in ways_of(trial, roles=roles, recorded=glance.found)
    ]
    extends = trial.phase in WITH_LEADS and access.may(
        "add", resource="trials.extension", clinic=trial.clinic_id
    )
    repeats = trial.phase in OVER and access.may("add", resource=RESOURCE, clinic=trial.clinic_id)
    implants = trial.phase in IMPLANTED | {Phase.WITHDRAWN} and access.may(
        "view", resource="trials.permanentimplant", clinic=trial.clinic_id
    )
    return {
        "road": [(label(phase.value), phase == trial.phase) for phase in ROAD],
        "is_on_road": trial.phase in ROAD,
        "open_steps": [one for one in shown if one.form is not None] if may else [],
        "closed_steps": [one for one in shown if one.form is None],
        "warnings": list(warnings_of(trial, today=today)),
        "is_technical": trial.end_reason == EndReason.TECHNICAL_FAILURE.value,
        "extension": ExtensionForm(planned=trial.planned_end_on) if extends else None,
        "next_repeat": glance.next_repeat if repeats else 0,
        "implant": glance.implant if implants else None,
        "may_implant": trial.phase in IMPLANTED
        and access.may("add", resource="trials.permanentimplant", clinic=trial.clinic_id),
    }


def _shown(way: Way, *, today: date, told: tuple[Sequence[str], Sequence[str]]) -> Shown:
    if way.step.is_signed:
        return Shown(way.step, SIGNED)
    if way.is_open:
        cautions, notes = told if way.step.to is Phase.LEAD_PLACED else ((), ())
        return Shown(way.step, "", StepForm(step=way.step, today=today), cautions, notes)
    return Shown(way.step, way.why_not)
