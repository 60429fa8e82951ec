"""The patient under a pseudonym; who that is stands in a table of its own."""

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models

from apps.accounts.models import Clinic
from apps.audit.values import OF_ITS_PATIENT, OF_ITSELF, values_kept


class Patient(models.Model):
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    pseudonym = models.CharField(max_length=40)
    zone = models.CharField(max_length=64, help_text="IANA name of the zone the patient is in")
    language = models.CharField(max_length=10, default="en", help_text="Of the diary and its reminders")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pseudonym"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "pseudonym"], name="pseudonym_once_a_clinic"),
        ]
        triggers = values_kept(OF_ITSELF)

    def __str__(self) -> str:
        return self.pseudonym


class ZoneChange(models.Model):
    """Where the patient's clock was, since when, and who said so."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="zone_changes")
    zone = models.CharField(max_length=64)
    since = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-since", "-id"]
        triggers = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.zone} since {self.since:%Y-%m-%d %H:%M}"


class PatientIdentity(models.Model):
    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="identity")
    full_name = models.CharField(max_length=200)
    born_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    trail_key = models.UUIDField(
        db_default=RandomUUID(),
        editable=False,
        help_text="Seals these values in the trail, and goes with them",
    )

    class Meta:
        verbose_name_plural = "patient identities"
        triggers = values_kept(
            OF_ITS_PATIENT, but=("trail_key",), sealed=("full_name", "born_on", "phone", "email")
        )

    def __str__(self) -> str:
        return f"identity of {self.patient}"
