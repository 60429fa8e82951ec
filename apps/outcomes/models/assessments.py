"""Frozen evidence, what each rule made of it, and which trials are up to date."""

import pgtrigger
from django.db import models

from apps.trials.models import StimulationTrial
from sctrial.verdict import Answer

ANSWERS = {
    Answer.MET.value: "Met",
    Answer.NOT_MET.value: "Not met",
    Answer.NOT_EVALUABLE.value: "Not evaluable",
}


def kept_for_ever() -> pgtrigger.Protect:
    return pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)


class Evidence(models.Model):
    """What was known about a trial, as canonical JSON text; the digest is over exactly these bytes."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="evidence")
    digest = models.CharField(max_length=80)
    content = models.TextField()
    frozen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["trial", "digest"], name="evidence_once_a_trial")]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.digest[:19]


class Assessment(models.Model):
    """One judgement: same trial, evidence, rule set and engine give the same row, never a second one."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="assessments")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="assessments")
    evidence_digest = models.CharField(max_length=80)
    rule_set_id = models.CharField(max_length=60)
    rule_set_version = models.CharField(max_length=40)
    rule_set_digest = models.CharField(max_length=80)
    engine_version = models.CharField(max_length=40)
    answer = models.CharField(max_length=20, choices=ANSWERS)
    verdict = models.JSONField(help_text="sctrial.verdict.Verdict.canonical()")
    certainty = models.JSONField(help_text="sctrial.certainty.Certainty.canonical()")
    assessed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "evidence_digest", "rule_set_digest", "engine_version"],
                name="same_inputs_same_row",
            ),
            models.CheckConstraint(
                condition=models.Q(answer__in=list(ANSWERS)), name="answer_is_one_of_three"
            ),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return f"{self.rule_set_id}: {self.get_answer_display()}"


class TrialCurrency(models.Model):
    """How far the assessments of a trial have come.

    A trial is current when ``evidence_version`` equals the trial's and ``basis`` names the rule sets
    and engine in force. Kept apart from the assessments, which are never updated: evidence may return
    to an earlier state, and then no new assessment row exists to carry the higher version.
    """

    trial = models.OneToOneField(StimulationTrial, on_delete=models.PROTECT, related_name="currency")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")
    evidence_version = models.BigIntegerField()
    basis = models.CharField(max_length=80)
    assessed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "trial currency"

    def __str__(self) -> str:
        return f"{self.trial_id} at version {self.evidence_version}"
