"""Who did what, when, to what. Rows are added and never changed; nothing points at them by key."""

from typing import Final

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.audit.chain import CHAIN_OF_A_CHANGE, CHAIN_OF_AN_EVENT, CHANGE, COLUMNS, linking

#: A file was made, asked for or taken away, or shown to other tools.
TAKEN: Final = ("download", "export", "export_asked", "report_asked", "show", "snapshot")


def chained(link: str) -> list[pgtrigger.Trigger]:
    """Rows that are never changed, each ``link``-ed to the one before it."""
    return [
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        # At the commit: a clinic's chain is held only while the rows go to the disk.
        pgtrigger.Trigger(
            name="linked",
            when=pgtrigger.After,
            operation=pgtrigger.Insert,
            timing=pgtrigger.Deferred,
            declare=[("last", "record"), ("link", "bytea")],
            func=link,
        ),
    ]


class AuditEvent(models.Model):
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, help_text="staff:<id>, device:<id>, job:<name> or system")
    clinic_id = models.BigIntegerField(null=True, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_by_object"),
            # What the review lists ask for. An answer of a phone is in neither, and costs nothing more.
            models.Index(
                fields=["clinic_id", "actor", "at"],
                name="audit_reads",
                condition=Q(action="look") & ~Q(object_id=""),
            ),
            models.Index(fields=["clinic_id", "at"], name="audit_taken", condition=Q(action__in=TAKEN)),
            # What was looked at by an emergency access: few events, among millions.
            models.Index(
                fields=["clinic_id", "id"],
                condition=Q(detail__has_key="emergency"),
                name="audit_of_emergencies",
            ),
        ]
        triggers = chained(linking(COLUMNS, chain=CHAIN_OF_AN_EVENT))

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class ValueChange(models.Model):
    """What a row said before and after: written by triggers (apps/audit/values.py) and never changed."""

    id = models.BigIntegerField(primary_key=True, help_text="From the sequence of the events")
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, help_text="staff:<id>, device:<id>, job:<name> or system")
    clinic_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=6)
    table = models.CharField(max_length=40)
    row_id = models.CharField(max_length=64)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    transaction = models.BigIntegerField(help_text="The same for all that was written together")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["table", "row_id"], name="changes_by_row")]
        triggers = chained(linking(CHANGE, chain=CHAIN_OF_A_CHANGE))

    def __str__(self) -> str:
        return f"{self.operation} {self.table} {self.row_id}"


class AuditLink(models.Model):
    """One event's place in the chain of its clinic (docs/adr/0011): written by the database alone."""

    event_id = models.BigIntegerField(primary_key=True)
    chain = models.BigIntegerField(help_text=f"{CHAIN_OF_AN_EVENT}: the clinic, or 0 for what is of none")
    place = models.BigIntegerField(help_text="1, 2, 3 … without a gap")
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["chain", "place"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "place"], name="one_event_a_place"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.chain}/{self.place}"


class DailyReview(models.Model):
    """How many rows each review list had for one day of a clinic's calendar; counted once, never changed."""

    clinic_id = models.BigIntegerField()
    day = models.DateField()
    counts = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["clinic_id", "day"], name="one_review_a_day"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.day}"
