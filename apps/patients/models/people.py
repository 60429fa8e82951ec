"""The patient under a pseudonym; who that is stands in a table of its own."""

from collections.abc import Mapping
from typing import Final

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from apps.accounts.models import Clinic
from apps.audit.values import OF_ITS_PATIENT, OF_ITSELF, values_kept

ERASURE_REASONS: Final[Mapping[str, str]] = {
    "asked": "The patient asked for it",
    "kept_long_enough": "The time for which the clinic keeps it is over",
    "not_to_be_kept": "It should never have been recorded here",
    "other": "Another reason",
}
#: Of a person whose identity was erased nothing is left; of everybody else the trail keeps its key.
ERASED: Final = Q(
    erased_at__isnull=False,
    trail_key__isnull=True,
    full_name="",
    born_on__isnull=True,
    phone="",
    email="",
    erased_because__in=list(ERASURE_REASONS),
) & ~Q(erased_by="")
KNOWN: Final = Q(erased_at__isnull=True, trail_key__isnull=False, erased_by="", erased_because="")


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
    """Who the patient is, or the tombstone that says since when nobody here knows."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="identity")
    full_name = models.CharField(max_length=200)
    born_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    trail_key = models.UUIDField(
        db_default=RandomUUID(),
        null=True,
        editable=False,
        help_text="Seals these values in the trail, and goes with them",
    )
    erased_at = models.DateTimeField(null=True, editable=False)
    erased_by = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)
    erased_because = models.CharField(
        max_length=20, blank=True, default="", db_default="", choices=ERASURE_REASONS, editable=False
    )

    class Meta:
        verbose_name_plural = "patient identities"
        constraints = [
            models.CheckConstraint(condition=KNOWN | ERASED, name="identity_is_known_or_erased"),
        ]
        triggers = [
            *values_kept(
                OF_ITS_PATIENT, but=("trail_key",), sealed=("full_name", "born_on", "phone", "email")
            ),
            pgtrigger.Protect(
                name="erased_for_good",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__erased_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"identity of {self.patient}"

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None
