"""What a whole cohort's rules answer, one small row a trial, without sentences."""

from django.db import models

from apps.trials.models import StimulationTrial


class TrialOutcome(models.Model):
    """What ``manage.py recompute`` found last. Computed, never signed: an Assessment is what stands.

    Current when ``evidence_version`` is the trial's and ``basis`` names the rule sets and engine in force.
    """

    # The key too: one index less to keep for a row that every recompute replaces.
    trial = models.OneToOneField(
        StimulationTrial, on_delete=models.PROTECT, primary_key=True, related_name="outcome"
    )
    evidence_version = models.BigIntegerField()
    basis = models.CharField(max_length=80)
    answers = models.JSONField(help_text="Rule set id: met, not_met or not_evaluable")
    percent = models.TextField(blank=True, help_text="Exact, a/b, under the own rule set; empty without one")
    low = models.FloatField(null=True, help_text="90 % interval of the percent reduction")
    high = models.FloatField(null=True)
    probability = models.FloatField(null=True, help_text="Of reaching the threshold of the own rule set")
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.trial_id} at version {self.evidence_version}"
