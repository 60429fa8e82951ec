"""A recompute of every trial, in blocks for any number of workers. The rows are the job (docs/adr/0002)."""

from django.db import models
from django.db.models import Q


class RecomputeRun(models.Model):
    """One at a time. Every block of it judges as of the moment at which it was asked for."""

    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_live_recompute",
            ),
        ]

    def __str__(self) -> str:
        return f"asked for at {self.asked_at:%Y-%m-%d %H:%M}"


class RecomputeBlock(models.Model):
    """The trials whose ids lie between two, both included; ended in the transaction that stores them."""

    run = models.ForeignKey(RecomputeRun, on_delete=models.CASCADE, related_name="blocks")
    number = models.PositiveIntegerField()
    first = models.UUIDField()
    last = models.UUIDField()
    trials = models.PositiveIntegerField(help_text="When it was asked for")
    tries = models.PositiveSmallIntegerField(default=0, help_text="How often it was begun")
    ended_at = models.DateTimeField(null=True)
    failed = models.JSONField(default=dict, help_text="Trial id: the kind of error")
    is_given_up = models.BooleanField(default=False, help_text="Begun too often and never ended")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="block_once_a_recompute"),
            models.CheckConstraint(
                condition=Q(is_given_up=False) | Q(ended_at__isnull=False), name="given_up_block_has_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.number} of {self.run_id}"
