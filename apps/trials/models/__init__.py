"""A trial, what stimulates in it, what went wrong, came after, was corrected; and the clinics' own rules."""

from apps.trials.models.after import Explant, FollowUp, PermanentImplant, Revision
from apps.trials.models.corrections import Correction
from apps.trials.models.events import SEVERITIES, AdverseEvent
from apps.trials.models.rules import ClinicRuleSet
from apps.trials.models.stimulation import Extension, ExternalStimulator, Lead, ProgramInterval
from apps.trials.models.trials import MODALITIES, StimulationTrial, label

__all__ = [
    "MODALITIES",
    "SEVERITIES",
    "AdverseEvent",
    "ClinicRuleSet",
    "Correction",
    "Explant",
    "Extension",
    "ExternalStimulator",
    "FollowUp",
    "Lead",
    "PermanentImplant",
    "ProgramInterval",
    "Revision",
    "StimulationTrial",
    "label",
]
