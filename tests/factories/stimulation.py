"""What stimulates in a trial, what went wrong in it, and what came after it."""

from datetime import date
from typing import Any

from apps.trials.models import AdverseEvent, ExternalStimulator, Lead, PermanentImplant, StimulationTrial


def make_lead(trial: StimulationTrial, **overrides: Any) -> Lead:
    facts: dict[str, Any] = {"kind": "percutaneous", "contacts": 8, "level": "T8", "side": "left"} | overrides
    return Lead.objects.create(trial=trial, **facts)


def make_stimulator(trial: StimulationTrial, *, name: str = "Invented One") -> ExternalStimulator:
    return ExternalStimulator.objects.create(trial=trial, name=name, given_on=trial.diary_from)


def make_event(trial: StimulationTrial, **overrides: Any) -> AdverseEvent:
    facts: dict[str, Any] = {
        "onset_on": date(2026, 10, 9),
        "code": "lead_site_pain",
        "severity": "mild",
        "action": "none",
        "outcome": "recovered",
    } | overrides
    return AdverseEvent.objects.create(trial=trial, **facts)


def make_implant(trial: StimulationTrial, **overrides: Any) -> PermanentImplant:
    facts: dict[str, Any] = {"implanted_on": date(2026, 10, 12)} | overrides
    return PermanentImplant.objects.create(trial=trial, **facts)
