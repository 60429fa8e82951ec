"""What went wrong during a trial, in codes that no device maker owns."""

from django.db import models
from django.db.models import F, Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.trials.models.trials import StimulationTrial, label
from sctrial.mishaps import ACTIONS, EVENTS, OUTCOMES, RELATED_TO, RELATIONS, SERIOUS_BECAUSE

SEVERITIES = {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"}
CODED = {"related_to": RELATED_TO, "relation": RELATIONS, "action": ACTIONS, "outcome": OUTCOMES}


class AdverseEvent(models.Model):
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="adverse_events")
    onset_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    code = models.CharField("event", max_length=40, choices=dict(EVENTS))
    severity = models.CharField(max_length=10, choices=SEVERITIES)
    serious = models.BooleanField(default=False)
    serious_because = models.CharField(max_length=20, blank=True, choices=dict(SERIOUS_BECAUSE))
    related_to = models.CharField(max_length=15, blank=True, choices=dict(RELATED_TO))
    relation = models.CharField(max_length=10, blank=True, choices=dict(RELATIONS))
    action = models.CharField(max_length=15, blank=True, choices=dict(ACTIONS))
    outcome = models.CharField(max_length=15, blank=True, choices=dict(OUTCOMES))
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["onset_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("onset_on")),
                name="event_ends_after_onset",
            ),
            models.CheckConstraint(
                condition=Q(serious_because="") | Q(serious_because__in=list(SERIOUS_BECAUSE), serious=True),
                name="event_serious_because",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__in": ["", *codes]}), name=f"event_{name}_is_known"
                )
                for name, codes in CODED.items()
            ),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        return f"{label(self.code)} ({self.severity})"
