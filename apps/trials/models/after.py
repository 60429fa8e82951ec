"""After a trial: the permanent implant, how the patient does with it, and what was done to it later."""

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.audit.values import OF_ITS_IMPLANT, OF_ITS_TRIAL, values_kept
from apps.trials.models.trials import StimulationTrial
from sctrial.aftercare import EXPLANT_REASONS, FUNCTIONS, MONTHS, REVISION_REASONS

VISITS = {month: f"{month} month{'s' if month > 1 else ''}" for month in MONTHS}


class PermanentImplant(models.Model):
    trial = models.OneToOneField(StimulationTrial, on_delete=models.PROTECT, related_name="implant")
    implanted_on = models.DateField()
    generator = models.CharField("generator, make and model", max_length=80, blank=True)
    identifier = models.CharField("serial number or UDI", max_length=80, blank=True)
    is_rechargeable = models.BooleanField("rechargeable", null=True, blank=True)

    class Meta:
        ordering = ["-implanted_on", "id"]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_TRIAL),
        ]

    def __str__(self) -> str:
        return f"{self.trial.patient} · implanted on {self.implanted_on}"


class FollowUp(models.Model):
    """One visit a month of the plan. What share of the relief is left is computed, never typed in."""

    implant = models.ForeignKey(PermanentImplant, on_delete=models.PROTECT, related_name="follow_ups")
    month = models.PositiveSmallIntegerField(choices=VISITS)
    seen_on = models.DateField()
    pain = models.PositiveIntegerField(null=True, blank=True, help_text="Average, in the scale's units")
    function = models.CharField(max_length=10, blank=True, choices=dict(FUNCTIONS))
    satisfied = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["implant", "month"], name="one_follow_up_a_month"),
            models.CheckConstraint(condition=Q(month__in=list(MONTHS)), name="follow_up_month_is_planned"),
            models.CheckConstraint(
                condition=Q(function__in=["", *FUNCTIONS]), name="follow_up_function_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_IMPLANT),
        ]

    def __str__(self) -> str:
        return f"month {self.month}, seen on {self.seen_on}"


class Revision(models.Model):
    """Surgery on any part of the system that leaves the patient with one."""

    implant = models.ForeignKey(PermanentImplant, on_delete=models.PROTECT, related_name="revisions")
    revised_on = models.DateField()
    reason = models.CharField(max_length=30, choices=dict(REVISION_REASONS))

    class Meta:
        ordering = ["revised_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=list(REVISION_REASONS)), name="revision_reason_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_IMPLANT),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.revised_on}"


class Explant(models.Model):
    """Removal of all parts."""

    implant = models.OneToOneField(PermanentImplant, on_delete=models.PROTECT, related_name="explant")
    explanted_on = models.DateField()
    reason = models.CharField(max_length=30, choices=dict(EXPLANT_REASONS))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=list(EXPLANT_REASONS)), name="explant_reason_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_IMPLANT),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.explanted_on}"
