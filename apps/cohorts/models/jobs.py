"""Files that are made in the background, and questions that are asked again and again.

The row is the job: what rings for it may get lost (docs/adr/0002).
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class ExportState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Not made"
    CANCELLED = "cancelled", "Cancelled"


#: Of one file a person has one job in these at a time.
LIVE = (ExportState.QUEUED, ExportState.RUNNING)


class BackgroundJob(models.Model):
    """What is made for one person by the workers, and kept for some days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    via = models.CharField(max_length=40, blank=True, help_text="The key that asked, if any")
    wants_mail = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0, help_text="Begun since the last finished part")
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True, help_text="Claimed before it is sent: at most one mail")
    mail_error = models.CharField(max_length=120, blank=True)

    class Meta:
        abstract = True
        ordering = ["-asked_at", "id"]

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def is_there(self, at: datetime) -> bool:
        """Whether what was made can be taken."""
        return self.state == ExportState.DONE and self.expires_at is not None and at < self.expires_at


class ExportJob(BackgroundJob):
    """A file of a snapshot for one person: made part by part, kept for some days."""

    snapshot = models.ForeignKey("cohorts.Snapshot", on_delete=models.PROTECT, related_name="exports")
    table = models.CharField(max_length=20, help_text="A table, or all")
    kind = models.CharField(max_length=24, help_text="The ending of the file")
    rows_known = models.BigIntegerField(null=True, help_text="Of a CDISC-style table once it is begun")
    rows_done = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)

    class Meta(BackgroundJob.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_is_known"),
            models.UniqueConstraint(
                fields=["person", "snapshot", "table", "kind"],
                condition=Q(state__in=LIVE),
                name="one_live_export_of_a_file",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.DONE)
                | Q(expires_at__isnull=False, rows_done=F("rows_known")) & ~Q(sha256=""),
                name="done_export_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.FAILED) | ~Q(error=""), name="failed_export_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot_id}-{self.table}.{self.kind}"

    @property
    def percent(self) -> int:
        return 100 * self.rows_done // self.rows_known if self.rows_known else 0


class ExportPart(models.Model):
    """A finished piece of the file; nobody is given one before all are there."""

    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="part_once_an_export")]
