"""What was decided on an assessment, and who signed it. Rows are added and never changed."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.outcomes.models.assessments import Assessment, kept_for_ever
from apps.trials.models import StimulationTrial
from sctrial.choices import AGAINST_REASONS, CHOICE_WORDS, Choice, Meaning

CHOICES = {choice.value: words for choice, words in CHOICE_WORDS.items()}
MEANINGS = {
    Meaning.DECIDED.value: "Decided",
    Meaning.COUNTERSIGNED.value: "Countersigned",
    Meaning.REOPENED.value: "Opened again",
}


class Decision(models.Model):
    """One decision; another one takes its place after it was opened again, and both stay."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="decisions")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=20, choices=CHOICES)
    reason_code = models.CharField(max_length=30, choices=dict(AGAINST_REASONS), blank=True)
    reason = models.CharField(max_length=500, blank=True)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Of two signatures at once one is the first decision.
            models.UniqueConstraint(
                fields=["trial"], condition=Q(supersedes__isnull=True), name="one_first_decision_a_trial"
            ),
            models.CheckConstraint(
                condition=Q(choice__in=[choice.value for choice in Choice]), name="choice_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason_code="") | Q(reason_code__in=list(AGAINST_REASONS)),
                name="decision_reason_is_known",
            ),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.get_choice_display()


class Signature(models.Model):
    """A person's signature on a decision, with the sealed document that it is part of."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="signatures")
    meaning = models.CharField(max_length=20, choices=MEANINGS)
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=200, help_text="As printed")
    role = models.CharField(max_length=20)
    signed_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    factors = models.JSONField()
    reason = models.CharField(max_length=500, blank=True)
    shown_digest = models.CharField(max_length=80)
    digest = models.CharField(max_length=80, unique=True)
    document = models.TextField(help_text="sctrial.decision/2, byte for byte")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "meaning"], name="one_signature_a_meaning"),
            models.UniqueConstraint(
                fields=["decision", "signer"],
                condition=Q(meaning__in=[Meaning.DECIDED.value, Meaning.COUNTERSIGNED.value]),
                name="nobody_countersigns_their_own",
            ),
            models.CheckConstraint(
                condition=Q(meaning__in=[meaning.value for meaning in Meaning]), name="meaning_is_known"
            ),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return f"{self.get_meaning_display()} by {self.name}"
