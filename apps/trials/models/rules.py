"""The clinics' own rule sets, one row a version."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Clinic, User
from apps.audit.values import OF_ITSELF, values_kept


class ClinicRuleSet(models.Model):
    """One version of a clinic's own rule set, as TOML. Only its approval is ever written, and that once."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="rule_sets")
    # As long as the names of it in a trial and in an assessment.
    rule_id = models.CharField("id", max_length=60)
    version = models.CharField(max_length=40)
    content = models.TextField("rule set, as TOML")
    digest = models.CharField(max_length=80)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "own rule set"
        ordering = ["rule_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "rule_id", "version"], name="rule_version_once_a_clinic"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approval_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="second_person_approves",
            ),
        ]
        triggers = [
            *values_kept(OF_ITSELF),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="proposal_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["approved_by", "approved_at"]),
            ),
            pgtrigger.Protect(
                name="approval_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.version}"
