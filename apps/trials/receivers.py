"""Hear that a patient's record changed: it is evidence of each of the patient's trials."""

from typing import Any

from django.dispatch import receiver

from apps.patients.signals import patient_record_changed
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence


@receiver(patient_record_changed, dispatch_uid="trials.patient_record")
def touch_trials(sender: object, *, patient_id: int, **kwargs: Any) -> None:
    for trial_id in StimulationTrial.objects.filter(patient=patient_id).values_list("pk", flat=True):
        touch_evidence(trial_id)
