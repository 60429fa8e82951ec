"""Snapshots: tables as they left, kept for good, so that a figure can be made again years later."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Clinic
from apps.outcomes.models.assessments import kept_for_ever
from sctrial.deidentify_tables import Form

FORMS = {
    Form.STUDY_DAYS.value: "De-identified, study days",
    Form.SHIFTED.value: "De-identified, shifted dates",
    Form.IDENTIFIED.value: "Identified: pseudonyms and real dates",
}


class Snapshot(models.Model):
    """``id`` is the day and a digest over all that is in it: the same data give the same row."""

    id = models.CharField(primary_key=True, max_length=40)
    question = models.TextField(blank=True, help_text="The query string that was asked first")
    form = models.CharField(max_length=12, choices=FORMS)
    made_on = models.DateField(
        help_text="Windows of the diary that were over when this day began are expected"
    )
    manifest = models.JSONField(help_text="sctrial.snapshots.make_manifest")
    people = models.JSONField(help_text="Study ids, to see what two snapshots together would tell")
    reason = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)
    clinics = models.ManyToManyField(Clinic, related_name="snapshots", through="SnapshotClinic")

    class Meta:
        ordering = ["-made_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(form__in=list(FORMS)), name="snapshot_form_is_known"),
            models.CheckConstraint(
                condition=~Q(form=Form.IDENTIFIED.value) | ~Q(reason=""), name="identified_has_reason"
            ),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.id


class SnapshotClinic(models.Model):
    """A clinic whose trials were asked for: who may not read all of them may not open the snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "clinic"], name="clinic_once_a_snapshot"),
        ]
        triggers = [kept_for_ever()]


class SnapshotTable(models.Model):
    """One table as a Parquet file; every other format is made of it."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="tables")
    name = models.CharField(max_length=20)
    content = models.BinaryField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "name"], name="table_once_a_snapshot"),
        ]
        triggers = [kept_for_ever()]

    def __str__(self) -> str:
        return self.name
