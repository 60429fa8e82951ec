"""Rows that stand on the trial page: programs and adverse events."""

from typing import Any

from django import forms
from django.http import HttpRequest

from apps.admin import StaffInline
from apps.trials.models import AdverseEvent, ProgramInterval


class ProgramForm(forms.ModelForm):
    class Meta:
        model = ProgramInterval
        fields = "__all__"  # noqa: DJ007  (the inline names them)
        labels = {
            "frequency_hz": "Frequency (Hz)",
            "pulse_width_us": "Pulse width (µs)",
            "amplitude_ma": "Amplitude (mA)",
            "started_on": "From",
            "ended_on": "To",
        }


class ProgramInline(StaffInline):
    model = ProgramInterval
    form = ProgramForm
    verbose_name = "program"
    verbose_name_plural = "Stimulation programs"
    fields = ("name", "waveform", "frequency_hz", "pulse_width_us", "amplitude_ma", "started_on", "ended_on")
    clinic_path = "trial__clinic_id"


class AdverseEventInline(StaffInline):
    model = AdverseEvent
    clinic_path = "trial__clinic_id"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        coded = ("onset_on", "code", "severity", "serious")
        clinic = None if obj is None else self.clinic_of(obj)
        reads = self.access(request).may("view", resource=f"{self.resource}.description", clinic=clinic)
        return (*coded, "description") if reads else coded
