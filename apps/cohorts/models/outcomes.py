"""Tables of outcomes that came from outside: published trials and registries, one line a person."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Clinic
from apps.outcomes.models.assessments import kept_for_ever


class OutcomeTable(models.Model):
    """A file as it was read: by which mapping, with which report, from whom, under which licence."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="outcome_tables")
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=120)
    licence = models.CharField(max_length=120)
    outcome = models.CharField(max_length=120, help_text="What was measured, on which scale")
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    mapping = models.TextField()
    report = models.JSONField()
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "file_sha256"], name="outcome_file_once_a_clinic"),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.name


class OutcomeLine(models.Model):
    """One person. A value is null when the visit was missed or not answered; never 0 in its place."""

    table = models.ForeignKey(OutcomeTable, on_delete=models.PROTECT, related_name="lines")
    subject = models.CharField(max_length=40)
    arm = models.CharField(max_length=120)
    before = models.DecimalField(max_digits=32, decimal_places=20, null=True)
    after = models.DecimalField(max_digits=32, decimal_places=20, null=True)
    line = models.PositiveIntegerField(help_text="Where the person first stands in the file")

    class Meta:
        ordering = ["table", "line"]
        constraints = [
            models.UniqueConstraint(fields=["table", "subject"], name="person_once_a_table"),
            models.CheckConstraint(condition=~Q(subject=""), name="outcome_line_names_a_person"),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.subject
