"""Rows that stand on the trial page: what stimulates, and what went wrong."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest

from apps.admin import StaffInline, now
from apps.trials.models import AdverseEvent, Extension, ExternalStimulator, Lead, ProgramInterval
from apps.trials.policies import CannotChange, check_onset
from apps.trials.steps import today_in
from apps.trials.whys import CorrectingFormSet
from sctrial.mishaps import EVENTS
from sctrial.stimulation import LEAD_KINDS, MOST_CONTACTS, WAVEFORMS


def kept_and(known: Mapping[str, str], kept: str) -> list[tuple[str, str]]:
    """The codes on offer, and the one that an older row holds."""
    offered = {"": "---------", **known}
    return list(({kept: kept} | offered if kept not in offered else offered).items())


class LeadForm(forms.ModelForm):
    class Meta:
        model = Lead
        fields = "__all__"  # noqa: DJ007  (the inline names them)
        labels = {"removed_on": "Removed on"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = LEAD_KINDS.get(data.get("kind") or "")
        if kind is not None:
            self._check_place(data, at_ganglion=kind.at_ganglion)
        if (data.get("contacts") or 1) > MOST_CONTACTS:
            self.add_error("contacts", f"At most {MOST_CONTACTS} contacts.")
        if data.get("removed_on") and data.get("is_kept"):
            self.add_error("is_kept", "A lead was removed or kept, not both.")
        if data.get("tip_intact") is not None and not data.get("removed_on"):
            self.add_error("tip_intact", "The tip is seen when the lead is removed: give the day.")
        return data

    def _check_place(self, data: dict[str, Any], *, at_ganglion: bool) -> None:
        wanted, unwanted = ("ganglion", "level") if at_ganglion else ("level", "ganglion")
        if not data.get(wanted):
            self.add_error(wanted, f"This kind of lead has a {wanted}.")
        if data.get(unwanted):
            self.add_error(unwanted, f"This kind of lead has a {wanted}, no {unwanted}.")
        if at_ganglion and data.get("side") == "midline":
            self.add_error("side", "A ganglion lies left or right.")


class CorrectedInline(StaffInline):
    """A saved value is changed with a reason, which the page asks for once."""

    formset = CorrectingFormSet
    clinic_path = "trial__clinic_id"


class LeadInline(CorrectedInline):
    model = Lead
    form = LeadForm
    template = "admin/edit_inline/stacked.html"
    verbose_name_plural = "Leads"
    fields = (
        ("kind", "contacts", "identifier"),
        ("level", "ganglion", "side"),
        ("removed_on", "is_kept", "tip_intact"),
    )


class StimulatorInline(CorrectedInline):
    classes = ("collapse",)
    model = ExternalStimulator
    verbose_name_plural = "External stimulator"
    fields = ("name", "identifier", "given_on", "returned_on")


class ProgramForm(forms.ModelForm):
    class Meta:
        model = ProgramInterval
        fields = "__all__"  # noqa: DJ007  (the inline names them)
        labels: ClassVar[dict[str, str]] = {
            "frequency_hz": "Frequency (Hz)",
            "pulse_width_us": "Pulse width (µs)",
            "amplitude_ma": "Amplitude (mA)",
            "started_on": "From",
            "ended_on": "To",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "waveform" in self.fields:
            known = {code: waveform.label for code, waveform in WAVEFORMS.items()}
            choices = kept_and(known, self.instance.waveform)
            self.fields["waveform"] = forms.ChoiceField(choices=choices, label="Waveform")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        waveform = WAVEFORMS.get(data.get("waveform") or "")
        if data.get("coverage_percent") is not None:
            if waveform is not None and waveform.is_felt is False:
                self.add_error("coverage_percent", "Nothing is felt with this waveform: leave it empty.")
            elif data["coverage_percent"] > 100:
                self.add_error("coverage_percent", "At most 100 %.")
        return data


class ProgramInline(CorrectedInline):
    classes = ("collapse",)
    model = ProgramInterval
    form = ProgramForm
    template = "admin/edit_inline/stacked.html"
    verbose_name = "program"
    verbose_name_plural = "Stimulation programs"
    fields = (
        ("name", "waveform"),
        ("frequency_hz", "pulse_width_us", "amplitude_ma"),
        ("contacts", "coverage_percent"),
        ("started_on", "ended_on"),
    )


class ExtensionInline(StaffInline):
    """Read here; added by the act above the form."""

    classes = ("collapse",)
    model = Extension
    verbose_name_plural = "Extensions"
    fields = ("planned_before", "planned_end_on", "days", "reason", "confirmed", "extended_at")
    readonly_fields = fields
    clinic_path = "trial__clinic_id"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AdverseEventForm(forms.ModelForm):
    class Meta:
        model = AdverseEvent
        fields = "__all__"  # noqa: DJ007  (the inline names them)
        labels: ClassVar[dict[str, str]] = {
            "onset_on": "Began on",
            "ended_on": "Over on",
            "serious_because": "Serious because of",
            "related_to": "Related to",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"] = forms.ChoiceField(
                choices=kept_and(EVENTS, self.instance.code), label="Event"
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.has_changed():
            # A row from before these fields were asked for.
            return data
        if data.get("serious") and not data.get("serious_because"):
            self.add_error("serious_because", "Say what makes it serious.")
        if data.get("serious_because") and not data.get("serious"):
            self.add_error("serious", "Tick it, or take the reason away.")
        if data.get("relation", "") not in {"", "not"} and data.get("related_to") in {"", "none"}:
            self.add_error("related_to", "Say to what it is related.")
        return data


class AdverseEventFormSet(CorrectingFormSet):
    def clean(self) -> None:
        for form in self.forms:
            if form.has_changed():
                self._check_onset(form)
        super().clean()

    def _check_onset(self, form: Any) -> None:
        onset = form.cleaned_data.get("onset_on")
        if not onset or "onset_on" not in form.changed_data:
            return
        try:
            check_onset(self.instance, onset=onset, today=today_in(self.instance, at=now()))
        except CannotChange as refused:
            form.add_error("onset_on", f"{refused}.".capitalize())


class AdverseEventInline(CorrectedInline):
    model = AdverseEvent
    formset = AdverseEventFormSet
    form = AdverseEventForm
    template = "admin/edit_inline/stacked.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        coded = (
            ("onset_on", "ended_on"),
            ("code", "severity"),
            ("serious", "serious_because"),
            ("related_to", "relation"),
            ("action", "outcome"),
        )
        clinic = None if obj is None else self.clinic_of(obj)
        reads = self.access(request).may("view", resource=f"{self.resource}.description", clinic=clinic)
        return (*coded, "description") if reads else coded
