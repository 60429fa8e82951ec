"""Who did what, when, to what. Rows are added and never changed; nothing points at them by key."""

import pgtrigger
from django.db import models


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
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
