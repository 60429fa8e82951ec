"""What a saved value of a trial said before, what it says now, and why (docs/adr/0023)."""

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from apps.audit.reasons import CORRECTION_REASONS
from apps.trials.models.trials import StimulationTrial


class Correction(models.Model):
    """Of one row: the fields that said something before. Added and never changed."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="corrections")
    model = models.CharField(max_length=60, help_text="Such as trials.lead")
    row = models.CharField(max_length=64)
    old = models.JSONField(encoder=DjangoJSONEncoder)
    new = models.JSONField(encoder=DjangoJSONEncoder)
    code = models.CharField("why", max_length=20, choices=dict(CORRECTION_REASONS))
    reason = models.CharField("in words", max_length=200)
    corrected_at = models.DateTimeField()
    corrected_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-corrected_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__in=list(CORRECTION_REASONS)), name="correction_code_is_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_says_why"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row}: {', '.join(sorted(self.old))}"
