"""Cohort reports made in the background: what was asked, how far it is, and its files while they are kept."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from apps.cohorts.models.jobs import LIVE, BackgroundJob, ExportState

#: Whom a report is for: only the first is fit to leave the clinic.
SHARED, CLINIC = "shared", "clinic"
AUDIENCES: Final = {SHARED: "To share", CLINIC: "For use inside the clinic"}
JSON, PDF = "json", "pdf"
#: What the PDF is printed from, so that it tells of the same moment as the JSON; it goes when both are there.
SHEET: Final = "sheet"
KINDS: Final = {PDF: "application/pdf", JSON: "application/json"}


class ReportJob(BackgroundJob):
    """The report of one question. The clinics it means are written in it, and stay those."""

    question = models.TextField()
    audience = models.CharField(max_length=8, choices=AUDIENCES)
    clinic_ids = ArrayField(
        models.BigIntegerField(), help_text="Who may not read all of them may not open it"
    )
    made_at = models.DateTimeField(null=True, help_text="When its rows were read")

    class Meta(BackgroundJob.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="report_state_is_known"),
            models.CheckConstraint(condition=Q(audience__in=list(AUDIENCES)), name="report_is_for_somebody"),
            models.UniqueConstraint(
                "person",
                "audience",
                MD5("question"),
                condition=Q(state__in=LIVE),
                name="one_live_report_of_a_question",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.DONE) | Q(expires_at__isnull=False, made_at__isnull=False),
                name="done_report_is_made",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.FAILED) | ~Q(error=""), name="failed_report_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"cohort-report-{self.asked_at:%Y-%m-%d}-{self.audience}"


class ReportFile(models.Model):
    """Nobody is given one before all are there."""

    job = models.ForeignKey(ReportJob, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=5)
    content = models.BinaryField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "kind"], name="kind_once_a_report")]
